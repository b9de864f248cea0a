package importing

import (
	"bytes"
	"encoding/base64"
)

// wrappedPEM is how base64 of PEM begins: as in a Kubernetes Secret that
// cert-manager keeps, whatever prints it (kubectl get secret -o yaml, json or
// jsonpath), and in variables of CI systems.
const wrappedPEM = "LS0tLS1CRUdJTi" // -----BEGIN

// unwrapped is the PEM in data that is base64 once more, one after the other; data
// itself if there is none.
func unwrapped(data []byte) []byte {
	var out []byte
	for rest := data; ; {
		at := bytes.Index(rest, []byte(wrappedPEM))
		if at < 0 {
			break
		}
		text, after := run(rest[at:])
		rest = after
		pem := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
		n, err := base64.RawStdEncoding.Decode(pem, text)
		if err != nil {
			continue
		}
		out = append(append(out, pem[:n]...), '\n')
	}
	if out == nil {
		return data
	}
	return out
}

// run is the base64 that data begins with, and what follows it. Lines of nothing
// but base64 go on; padding ends it.
func run(data []byte) (text, rest []byte) {
	for {
		n := 0
		for n < len(data) && isBase64(data[n]) {
			n++
		}
		text, data = append(text, data[:n]...), data[n:]
		next := bytes.TrimLeft(data, "\r\n")
		line, _, _ := bytes.Cut(next, []byte("\n"))
		line = bytes.TrimRight(bytes.TrimSpace(line), "=")
		if len(next) == len(data) || len(line) == 0 || bytes.IndexFunc(line, func(r rune) bool { return r > 0x7f || !isBase64(byte(r)) }) >= 0 {
			return text, data
		}
		data = bytes.TrimLeft(next, " \t")
	}
}

func isBase64(b byte) bool {
	return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || b == '+' || b == '/'
}
