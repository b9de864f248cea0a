package decode

import "testing"

// What a signer does at every call of the AWS CLI.
func BenchmarkPlainKey(b *testing.B) {
	data := read(b, keys, "ec.pem")
	for b.Loop() {
		if _, err := Key(data, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkChain(b *testing.B) {
	data := read(b, certificateD, "chain.pem")
	for b.Loop() {
		if _, err := Certificates(data); err != nil {
			b.Fatal(err)
		}
	}
}
