package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"unicode/utf16"
)

// normal undoes what editors and shells do to PEM text, so that the strict reader
// of encoding/pem finds its lines: UTF-16 and byte order marks, line feeds spelled
// \n (environment variables, JSON), carriage returns, indentation, quotes around
// the whole, and markers in the middle of a line.
func normal(data []byte) []byte {
	data = bytes.TrimPrefix(fromUTF16(data), []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte(`\r`), nil)
	data = bytes.ReplaceAll(data, []byte(`\n`), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))

	var out bytes.Buffer
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		writeLine(&out, bytes.Trim(line, " \t\u00a0\"'"))
	}
	return out.Bytes()
}

// writeLine gives each marker in a line a line of its own.
func writeLine(out *bytes.Buffer, line []byte) {
	for {
		from, to := marker(line)
		if from < 0 {
			break
		}
		if before := bytes.TrimSpace(line[:from]); len(before) > 0 {
			out.Write(before)
			out.WriteByte('\n')
		}
		out.Write(line[from:to])
		out.WriteByte('\n')
		line = bytes.TrimSpace(line[to:])
		if len(line) == 0 {
			return
		}
	}
	out.Write(line)
	out.WriteByte('\n')
}

// marker finds the first -----BEGIN X----- or -----END X----- in a line; from is
// negative if there is none. It looks at each letter once: a line may be all of a
// file, and nothing but dashes.
func marker(line []byte) (from, to int) {
	dashes := []byte("-----")
	for at := 0; ; at++ {
		i := bytes.Index(line[at:], dashes)
		if i < 0 {
			return -1, 0
		}
		at += i
		for _, word := range []string{"-----BEGIN ", "-----END "} {
			if !bytes.HasPrefix(line[at:], []byte(word)) {
				continue
			}
			length := bytes.Index(line[at+len(word):], dashes)
			if length < 0 {
				return -1, 0 // and none ends after it
			}
			return at, at + len(word) + length + len(dashes)
		}
	}
}

// fromUTF16 turns UTF-16 into UTF-8, with a byte order mark or, as PowerShell's
// older redirection writes it, recognisable by the zero beside each dash.
func fromUTF16(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte("-\x00-\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}), bytes.HasPrefix(data, []byte("\x00-\x00-")):
		order = binary.BigEndian
	default:
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for len(data) >= 2 {
		units = append(units, order.Uint16(data))
		data = data[2:]
	}
	return []byte(string(utf16.Decode(units)))
}

// bareBase64 reads text whose BEGIN or END line is missing or garbled: every line
// that looks like one is left out, and the rest must be base64 of DER.
func bareBase64(text []byte) []byte {
	var digits []byte
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		if !bytes.Contains(line, []byte("--")) && !bytes.Contains(line, []byte("BEGIN ")) && !bytes.Contains(line, []byte("END ")) {
			digits = append(digits, line...)
		}
	}
	digits = bytes.ReplaceAll(digits, []byte(" "), nil)
	der := make([]byte, base64.StdEncoding.DecodedLen(len(digits)))
	n, err := base64.StdEncoding.Decode(der, digits)
	if err != nil || !isDER(der[:n]) {
		return nil
	}
	return der[:n]
}
