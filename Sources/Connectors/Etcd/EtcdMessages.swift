#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// The messages of etcd's v3 JSON gateway that are used here: bytes travel as base64, 64-bit
// integers as strings, and a field that is false, 0 or empty is left out.
// Source: etcd 3.4 documentation, "gRPC gateway"; etcdserverpb/rpc.proto.

/// `POST /v3/kv/range`: every key from `key` up to `rangeEnd`, or `key` alone.
struct EtcdRangeRequest: Encodable {
  var key: EtcdBytes
  var rangeEnd: EtcdBytes?

  enum CodingKeys: String, CodingKey {
    case key
    case rangeEnd = "range_end"
  }
}

struct EtcdRangeAnswer: Decodable {
  struct Pair: Decodable {
    var key: EtcdBytes
    var value: EtcdBytes?
    var modRevision: String?

    enum CodingKeys: String, CodingKey {
      case key, value
      case modRevision = "mod_revision"
    }
  }

  var kvs: [Pair]?
}

/// `POST /v3/kv/put`.
struct EtcdPut: Encodable {
  var key: EtcdBytes
  var value: EtcdBytes
}

/// `POST /v3/kv/deleterange` of one key.
struct EtcdDelete: Encodable {
  var key: EtcdBytes
}

/// `POST /v3/kv/txn`: all operations if the comparison holds, none otherwise.
struct EtcdTransaction: Encodable {
  enum Comparison: Encodable {
    case value(key: EtcdBytes, equals: EtcdBytes)
    case absent(key: EtcdBytes)

    enum CodingKeys: String, CodingKey {
      case target, result, key, value
      case createRevision = "create_revision"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode("EQUAL", forKey: .result)
      switch self {
      case .value(let key, let value):
        try container.encode("VALUE", forKey: .target)
        try container.encode(key, forKey: .key)
        try container.encode(value, forKey: .value)
      case .absent(let key):
        // A key that does not exist has creation revision 0.
        try container.encode("CREATE", forKey: .target)
        try container.encode(key, forKey: .key)
        try container.encode("0", forKey: .createRevision)
      }
    }
  }

  struct Operation: Encodable {
    var put: EtcdPut?
    var delete: EtcdDelete?

    enum CodingKeys: String, CodingKey {
      case put = "request_put"
      case delete = "request_delete_range"
    }
  }

  var compare: [Comparison]
  var success: [Operation]
}

struct EtcdTransactionAnswer: Decodable {
  var succeeded: Bool?
}

/// `POST /v3/auth/authenticate`.
struct EtcdLogin: Encodable {
  var name: String
  var password: String
}

struct EtcdLoginAnswer: Decodable {
  var token: String
}

/// The body of an answer that is not 200.
struct EtcdRefusal: Decodable {
  var error: String?
  var message: String?
  var code: Int?
}

/// Text as the gateway carries bytes.
struct EtcdBytes: Codable, Hashable {
  var text: String

  init(_ text: String) { self.text = text }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let data = Data(base64Encoded: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not base64")
    }
    text = String(decoding: data, as: UTF8.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Data(text.utf8).base64EncodedString())
  }
}
