{
    "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
    "verificationMaterial": {
        "publicKey": {
            "hint": "81db0fdc504cb76c7c24cccaf1f68572f249f2345a719228e19f311747b1271d"
        },
        "tlogEntries": []
    },
    "dsseEnvelope": {
        "payload": "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJwcmVkaWNhdGUiOnsicmVzb3VyY2VzIjpbeyJhbGdvcml0aG0iOiJzaGEyNTYiLCJkaWdlc3QiOiIwOWQzNDNjMzdkZTBiYmExNDNiN2ZmNDVmODJjMGFiOTMwODUzMWRjYzc4YjU2YjhlYjQwYzU5MzhjNGJlNDE4IiwibmFtZSI6ImNvbmZpZy5qc29uIn0seyJhbGdvcml0aG0iOiJzaGEyNTYiLCJkaWdlc3QiOiIyZmViNDcwMTliN2NkZGYyZDhiZjYxNGEzMjE3OGQ4OWM1OTA3NTQzZGU0MWMxZmI3YWIwNmY3NzhiMjVmZTE3IiwibmFtZSI6InN1Yi50eHQifSx7ImFsZ29yaXRobSI6InNoYTI1NiIsImRpZ2VzdCI6ImUzYjBjNDQyOThmYzFjMTQ5YWZiZjRjODk5NmZiOTI0MjdhZTQxZTQ2NDliOTM0Y2E0OTU5OTFiNzg1MmI4NTUiLCJuYW1lIjoic3ViL2VtcHR5In0seyJhbGdvcml0aG0iOiJzaGEyNTYiLCJkaWdlc3QiOiIxM2IxNjA1ZDU5NDY5ZWUxNDgwNjQxOGVlNzliZDQ2YzdlNTA1MGU0NWNiYzk3NDEyNWNhOThmNjNlYzEwZTY0IiwibmFtZSI6InN1Yi94In0seyJhbGdvcml0aG0iOiJzaGEyNTYiLCJkaWdlc3QiOiJmZGVhYjlhY2YzNzEwMzYyYmQyNjU4Y2RjOWEyOWU4ZjljNzU3ZmNmOTgxMTYwM2E4YzQ0N2NkMWQ5MTUxMTA4IiwibmFtZSI6IncgZWlnaHRzIMOpLmJpbiJ9XSwic2VyaWFsaXphdGlvbiI6eyJhbGxvd19zeW1saW5rcyI6ZmFsc2UsImhhc2hfdHlwZSI6InNoYTI1NiIsImlnbm9yZV9wYXRocyI6WyIuZ2l0IiwiLmdpdGF0dHJpYnV0ZXMiLCIuZ2l0aHViIiwiLmdpdGlnbm9yZSJdLCJtZXRob2QiOiJmaWxlcyJ9fSwicHJlZGljYXRlVHlwZSI6Imh0dHBzOi8vbW9kZWxfc2lnbmluZy9zaWduYXR1cmUvdjEuMCIsInN1YmplY3QiOlt7ImRpZ2VzdCI6eyJzaGEyNTYiOiIzYzAwNjVkNGY0YzYyYWFmNDM1MjI0ZmU4MDBlOTQ0Y2ViYjc3NjhiNDFjOTExNGZmYmI1MWJiZGExNmI4NWViIn0sIm5hbWUiOiJhLW1vZGVsIn1dfQ==",
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [
            {
                "sig": "MEUCIQCfoZ6Zdnnu8v+b/y34d8yUaV0ho/Io2BlwRLnjfvA+YAIgBi0YtqoIXt4yPxgslKhS3rbeY3P8IZdVJTBJ2rdLILU=",
                "keyid": ""
            }
        ]
    }
}
