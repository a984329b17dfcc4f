import Testing

@testable import HTTPTransport

@Suite struct RedactionTests {
  @Test(
    "a URL is shown without credentials and otherwise as it is",
    arguments: [
      (
        "http://host:90/a?query=up%7Bx%3D1%7D&time=1", "http://host:90/a?query=up%7Bx%3D1%7D&time=1"
      ),
      ("http://u:p@host/a", "http://host/a"),
      ("http://u@host/a@b", "http://host/a@b"),
      ("http://host/?token=abc&x=1", "http://host/?token=REDACTED&x=1"),
      ("http://host/?access_token=abc", "http://host/?access_token=REDACTED"),
      (
        "http://host/?X-Amz-Signature=abc&api-key=1",
        "http://host/?X-Amz-Signature=REDACTED&api-key=REDACTED"
      ),
      ("http://host/?max_tokens=5", "http://host/?max_tokens=5"),
      ("http://host/?t=eyJhbGciOiJub25lIn0.e30.", "http://host/?t=REDACTED"),
      ("http://host/?t=aB3dE5gH7jK9mN1pQ3sT5vW7", "http://host/?t=REDACTED"),
      (
        "http://host/?query=dynamo_frontend_time_to_first_token_seconds_sum",
        "http://host/?query=dynamo_frontend_time_to_first_token_seconds_sum"
      ),
      ("no url u:p@host", "host"),
      ("http://u:p ss@host/?password=x", "http://host/?password=REDACTED"),
    ])
  func url(_ text: String, _ shown: String) {
    #expect(Redaction.url(text) == shown)
  }

  @Test(
    "credentials in JSON are hidden and every other byte stays",
    arguments: [
      (#"{"name":"root","password":"pa\"ss"}"#, #"{"name":"root","password":"REDACTED"}"#),
      (#" { "token" : "a.1" , "n" : 1 }"#, #" { "token" : "REDACTED" , "n" : 1 }"#),
      (
        #"[{"clientSecret":"x"},{"api_key":"y"}]"#,
        #"[{"clientSecret":"REDACTED"},{"api_key":"REDACTED"}]"#
      ),
      (#"{"password":["a","b"],"x":"c"}"#, #"{"password":["REDACTED","REDACTED"],"x":"c"}"#),
      (#"{"tokenizer":"llama","max_tokens":"5"}"#, #"{"tokenizer":"llama","max_tokens":"5"}"#),
      (
        #"{"env":[{"name":"HF_TOKEN","value":"hf_1"},{"name":"A","value":"b"}]}"#,
        #"{"env":[{"name":"HF_TOKEN","value":"REDACTED"},{"name":"A","value":"b"}]}"#
      ),
      (#"{"name":"MAX_TOKEN_COUNT","value":"512"}"#, #"{"name":"MAX_TOKEN_COUNT","value":"512"}"#),
      (
        #"{"kubectl.kubernetes.io/last-applied-configuration":"{\"value\":\"hf_1\"}"}"#,
        #"{"kubectl.kubernetes.io/last-applied-configuration":"REDACTED"}"#
      ),
      (#"{"password":"cut off"#, #"{"password":"REDACTED"#),
      (#"{"password":"cut off\"#, #"{"password":"REDACTED"#),
      ("{\"password\"", "{\"password\""),
      ("{", "{"), ("", ""),
      ("# token \"x\" : \"password\"", "# token \"x\" : \"password\""),
    ])
  func json(_ text: String, _ expected: String) {
    #expect(String(decoding: JSONRedaction.redact(Array(text.utf8)), as: UTF8.self) == expected)
  }

  @Test("header fields that carry credentials are left out, places and secrets are cleaned")
  func headers() {
    let headers = [
      HTTPHeader("Set-Cookie", "a=b"), HTTPHeader("X-Auth-Token", "t"),
      HTTPHeader("Authorization", "Bearer x"), HTTPHeader("Content-Type", "text/plain"),
      HTTPHeader("Location", "http://u:p@host/?token=1"), HTTPHeader("Echo", "<hunter2hunter2>"),
    ]
    let expected = [
      HTTPHeader("Content-Type", "text/plain"),
      HTTPHeader("Location", "http://host/?token=REDACTED"),
      HTTPHeader("Echo", "<REDACTED>"),
    ]
    #expect(Redaction.headers(headers, secrets: ["hunter2hunter2"]) == expected)
  }

  @Test(
    "known secrets are hidden wherever they stand",
    arguments: [
      ("abcabc", ["abc"], "REDACTEDREDACTED"), ("xabcx", ["abc"], "xREDACTEDx"),
      ("ab", ["abc"], "ab"), ("", ["abc"], ""), ("aabc", ["abc", "a"], "REDACTEDREDACTED"),
      ("abc", [""], "abc"),
    ])
  func scrubbed(_ text: String, _ secrets: [String], _ expected: String) {
    #expect(Redaction.scrubbed(text, of: secrets) == expected)
  }
}
