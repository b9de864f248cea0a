package http1

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"

	"anywhere/signer/session"
)

const (
	maxLine  = 16 << 10 // bytes of one header
	maxLines = 200
)

// errForm says that an answer is not one of HTTP/1.1.
var errForm = errors.New("the answer is not HTTP/1.1")

// read reads one final answer, past informational ones.
func read(from *bufio.Reader) (*session.Answer, error) {
	for range 5 { // as many as net/http takes
		answer, err := readHead(from)
		if err != nil {
			return nil, err
		}
		if answer.Status >= 200 {
			answer.Body, err = readBody(from, answer)
			return answer, err
		}
	}
	return nil, errors.New("too many informational answers")
}

// readHead reads the status line and the headers.
func readHead(from *bufio.Reader) (*session.Answer, error) {
	line, err := readLine(from)
	if err != nil {
		return nil, err
	}
	version, rest, _ := strings.Cut(line, " ")
	digits, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(digits)
	if err != nil || len(digits) != 3 || status < 100 || version != "HTTP/1.1" && version != "HTTP/1.0" {
		return nil, errForm
	}
	answer := &session.Answer{Status: status}
	for range maxLines {
		line, err := readLine(from)
		if err != nil {
			return nil, err
		}
		if line == "" {
			return answer, nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, errForm
		}
		answer.Header = append(answer.Header, [2]string{strings.ToLower(name), strings.Trim(value, " \t")})
	}
	return nil, errors.New("the answer has too many headers")
}

// readLine reads a line without its end.
func readLine(from *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := from.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return "", errors.New("the answer has a header that is too long")
		}
		if err == nil {
			return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
		}
		if err == io.EOF {
			return "", io.ErrUnexpectedEOF
		}
		if err != bufio.ErrBufferFull {
			return "", err
		}
	}
}

// readBody reads the body, at most one byte more than a client takes. Its length
// is known in the ways and the order of RFC 9112, section 6.3.
func readBody(from *bufio.Reader, answer *session.Answer) ([]byte, error) {
	const most = session.MaxAnswer + 1
	coding := strings.ToLower(answer.Get("transfer-encoding"))
	length := answer.Get("content-length")
	switch {
	case answer.Status == 204 || answer.Status == 304:
		return nil, nil
	case coding == "chunked":
		return readChunks(from, most)
	case coding != "":
		return nil, errForm
	case length == "":
		return io.ReadAll(io.LimitReader(from, most))
	}
	n, err := strconv.ParseUint(length, 10, 63)
	if err != nil {
		return nil, errForm
	}
	body := make([]byte, min(n, most))
	_, err = io.ReadFull(from, body)
	return body, unexpected(err)
}

// readChunks reads a chunked body (RFC 9112, section 7.1). Trailers are left
// unread: nobody uses the connection again.
func readChunks(from *bufio.Reader, most int) ([]byte, error) {
	var body []byte
	for len(body) < most {
		line, err := readLine(from)
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseUint(strings.Trim(digits, " \t"), 16, 31)
		if err != nil {
			return nil, errForm
		}
		if n == 0 {
			return body, nil
		}
		at := len(body)
		body = append(body, make([]byte, min(int(n), most-at))...)
		if _, err := io.ReadFull(from, body[at:]); err != nil {
			return nil, unexpected(err)
		}
		if len(body) < most {
			if line, err := readLine(from); err != nil || line != "" {
				return nil, errForm
			}
		}
	}
	return body, nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
