package signing

import (
	"net"
	"syscall"
)

// ipTTL is IP_TTL of ws2ipdef.h, which package syscall lacks; IPV6_UNICAST_HOPS has
// the same number.
const ipTTL = 4

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
	level := syscall.IPPROTO_IP
	if tcp.LocalAddr().(*net.TCPAddr).IP.To4() == nil {
		level = syscall.IPPROTO_IPV6
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = syscall.SetsockoptInt(syscall.Handle(fd), level, ipTTL, s.hopLimit) }); err != nil {
		return err
	}
	return failed
}
