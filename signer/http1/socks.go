package http1

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
)

// isSOCKS says whether a proxy carries connections and knows nothing of HTTP.
// socks5h is the same here: the proxy looks the server's name up.
func isSOCKS(proxy *url.URL) bool { return proxy.Scheme == "socks5" || proxy.Scheme == "socks5h" }

// socks asks a SOCKS5 proxy for a connection to the server: RFC 1928, with a user
// name as in RFC 1929.
func socks(conn net.Conn, to string, user *url.Userinfo) error {
	host, digits, err := net.SplitHostPort(to)
	if err != nil {
		return err
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return err
	}
	if err := greet(conn, user); err != nil {
		return err
	}
	ask := []byte{5, 1, 0} // CONNECT
	switch ip := net.ParseIP(host); {
	case ip == nil && len(host) > 255:
		return errors.New("the server's name is too long for a SOCKS proxy")
	case ip == nil:
		ask = append(append(ask, 3, byte(len(host))), host...)
	case ip.To4() != nil:
		ask = append(append(ask, 1), ip.To4()...)
	default:
		ask = append(append(ask, 4), ip...)
	}
	if _, err := conn.Write(append(ask, byte(port>>8), byte(port))); err != nil {
		return err
	}
	answer, err := octets(conn, 4)
	if err != nil {
		return err
	}
	if answer[0] != 5 || answer[1] != 0 {
		return fmt.Errorf("the SOCKS proxy does not connect: %s", socksReason(answer[1]))
	}
	size, known := map[byte]int{1: 4, 3: 0, 4: 16}[answer[3]]
	if !known {
		return errors.New("the SOCKS proxy answers with a kind of address that is not known")
	}
	if answer[3] == 3 {
		length, err := octets(conn, 1)
		if err != nil {
			return err
		}
		size = int(length[0])
	}
	_, err = octets(conn, size+2) // where it connects from, which nobody wants to know
	return err
}

// greet agrees on how the user is known.
func greet(conn net.Conn, user *url.Userinfo) error {
	hello := []byte{5, 1, 0} // nobody
	if user != nil {
		hello = []byte{5, 2, 0, 2} // or a password
	}
	if _, err := conn.Write(hello); err != nil {
		return err
	}
	chosen, err := octets(conn, 2)
	switch {
	case err != nil:
		return err
	case chosen[0] != 5:
		return errors.New("the proxy does not speak SOCKS5")
	case chosen[1] == 0:
		return nil
	case chosen[1] != 2 || user == nil:
		return errors.New("the SOCKS proxy wants to know its user in a way that is not known here, or not at all without a user name")
	}
	password, _ := user.Password()
	name := user.Username()
	if len(name) > 255 || len(password) > 255 {
		return errors.New("the user name or password is too long for a SOCKS proxy")
	}
	words := append([]byte{1, byte(len(name))}, name...)
	words = append(append(words, byte(len(password))), password...)
	if _, err := conn.Write(words); err != nil {
		return err
	}
	if taken, err := octets(conn, 2); err != nil {
		return err
	} else if taken[1] != 0 {
		return errors.New("the SOCKS proxy refuses the user name or password")
	}
	return nil
}

// octets reads exactly n: what follows is the server's.
func octets(conn net.Conn, n int) ([]byte, error) {
	data := make([]byte, n)
	_, err := io.ReadFull(conn, data)
	return data, err
}

// socksReason is the meaning of a reply (RFC 1928, section 6).
func socksReason(code byte) string {
	reasons := [...]string{1: "it failed", 2: "its rules forbid it", 3: "the network cannot be reached", 4: "the host cannot be reached",
		5: "connection refused", 6: "it took too long", 7: "it knows no such command", 8: "it knows no such address"}
	if code > 0 && int(code) < len(reasons) {
		return reasons[code]
	}
	return fmt.Sprintf("reply %d", code)
}
