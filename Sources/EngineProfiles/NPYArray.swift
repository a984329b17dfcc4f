/// One array of an NPZ archive, as numbers in C order.
///
/// Little-endian floats and integers of 4 and 8 bytes are read. Integers beyond 2⁵³ are rounded.
///
/// Source: NumPy, *NPY format* (`numpy.lib.format`), versions 1.0 to 3.0.
struct NPYArray {
  let values: [Double]

  init(_ bytes: [UInt8], name: String) throws(FormatError) {
    let reader = ByteReader(bytes: bytes)
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)), bytes.count >= 10 else {
      throw FormatError("Array \(name) is not in NPY format")
    }
    let lengthSize = bytes[6] == 1 ? 2 : 4
    guard (1...3).contains(bytes[6]) else {
      throw FormatError("Array \(name) has the unknown NPY version \(bytes[6])")
    }
    let headerLength = lengthSize == 2 ? try reader.uint16(at: 8) : try reader.uint32(at: 8)
    let start = 8 + lengthSize
    let header = try NPYHeader(try reader.slice(start, headerLength), name: name)
    guard let type = NPYElement(rawValue: header.type) else {
      let known = NPYElement.allCases.map(\.rawValue).joined(separator: ", ")
      throw FormatError("Array \(name) has elements of type '\(header.type)', not one of \(known)")
    }
    let dataStart = start + headerLength
    guard let count = header.elementCount, count <= ZIPArchive.memberLimit,
      bytes.count - dataStart == count * type.size
    else {
      throw FormatError("Array \(name) does not hold as many elements as its header states")
    }
    // In one dimension Fortran order is C order.
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw FormatError("Array \(name) is stored in Fortran order")
    }
    values = (0..<count).map { i in
      let element = bytes[(dataStart + i * type.size)..<(dataStart + (i + 1) * type.size)]
      return type.value(ByteReader.littleEndian(element))
    }
  }
}

/// The element types that profiles use, by NumPy's name.
private enum NPYElement: String, CaseIterable {
  case float32 = "<f4"
  case float64 = "<f8"
  case int32 = "<i4"
  case int64 = "<i8"
  case uint32 = "<u4"
  case uint64 = "<u8"

  var size: Int {
    switch self {
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  func value(_ bits: UInt64) -> Double {
    switch self {
    case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float64: Double(bitPattern: bits)
    case .int32: Double(Int32(truncatingIfNeeded: bits))
    case .int64: Double(Int64(bitPattern: bits))
    case .uint32, .uint64: Double(bits)
    }
  }
}
