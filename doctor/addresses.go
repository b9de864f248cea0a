package doctor

import (
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"sync"
)

// addresses collects what a name resolves to. A connection that is given up goes
// on looking its name up for a while, hence the lock.
type addresses struct {
	mu   sync.Mutex
	list []string
}

func (a *addresses) add(found httptrace.DNSDoneInfo) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, address := range found.Addrs {
		a.list = append(a.list, address.String())
	}
}

func (a *addresses) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.list)
}

// throughProxy says that a request goes to a proxy, whose address tells nothing
// of the way to AWS.
func throughProxy(client *http.Client, url string) bool {
	transport, ok := client.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return false
	}
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	proxy, err := transport.Proxy(req)
	return err == nil && proxy != nil
}

// privately says that every address is one of a private network (RFC 1918,
// RFC 4193): the endpoint's name then leads to an interface endpoint of a VPC.
func privately(list []string) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(text string) bool {
		address, err := netip.ParseAddr(text)
		return err != nil || !address.IsPrivate()
	})
}
