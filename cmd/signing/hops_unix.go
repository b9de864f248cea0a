//go:build !windows

package signing

import (
	"net"
	"syscall"
)

// limitHops sets the time to live of what is answered: with 1 no router, and so no
// container behind one, carries it on.
func (s serving) limitHops(conn net.Conn) error {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	level, option := syscall.IPPROTO_IP, syscall.IP_TTL
	if tcp.LocalAddr().(*net.TCPAddr).IP.To4() == nil {
		level, option = syscall.IPPROTO_IPV6, syscall.IPV6_UNICAST_HOPS
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = syscall.SetsockoptInt(int(fd), level, option, s.hopLimit) }); err != nil {
		return err
	}
	return failed
}
