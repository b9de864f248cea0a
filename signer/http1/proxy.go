package http1

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// proxyFor is the proxy for u that HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or the
// same in lower case, name; nil for none. This machine is never asked through a
// proxy. It follows net/http, so that both ways of this program agree.
func proxyFor(u *url.URL, getenv func(string) string) (*url.URL, error) {
	name := "HTTPS_PROXY"
	if u.Scheme == "http" {
		name = "HTTP_PROXY"
		if getenv("REQUEST_METHOD") != "" {
			return nil, nil // in a CGI program a header of the client's sets HTTP_PROXY
		}
	}
	text := either(getenv, name)
	if text == "" || direct(u, either(getenv, "NO_PROXY")) {
		return nil, nil
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Host == "" {
		proxy, err = url.Parse("http://" + text)
	}
	if err != nil || proxy.Host == "" {
		return nil, fmt.Errorf("use %s: not the URL of a proxy", name)
	}
	if proxy.Scheme != "http" && proxy.Scheme != "https" && !isSOCKS(proxy) {
		return nil, fmt.Errorf("use %s: a proxy of kind %q is not known here, only http, https and socks5", name, proxy.Scheme)
	}
	return proxy, nil
}

// either reads a variable under its name or the same in lower case.
func either(getenv func(string) string, name string) string {
	if value := getenv(name); value != "" {
		return value
	}
	return getenv(strings.ToLower(name))
}

// direct says that NO_PROXY, or its being this machine, keeps u off the proxy.
// An entry is *, an address, a range of addresses, or a domain with what is below
// it, each with a port if only that is meant.
func direct(u *url.URL, list string) bool {
	host, port, _ := net.SplitHostPort(address(u))
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry == "*" {
			return true
		}
		if _, block, err := net.ParseCIDR(entry); err == nil {
			if ip != nil && block.Contains(ip) {
				return true
			}
			continue
		}
		if h, p, err := net.SplitHostPort(entry); err == nil {
			if p != port {
				continue
			}
			entry = h
		}
		if entry = strings.Trim(entry, "[]"); entry == "" {
			continue
		}
		if other := net.ParseIP(entry); other != nil || ip != nil {
			if other.Equal(ip) {
				return true
			}
			continue
		}
		if below(host, entry) {
			return true
		}
	}
	return false
}

// below says that host is the domain or under it; .domain and *.domain mean only
// what is under it.
func below(host, domain string) bool {
	bare := strings.TrimPrefix(strings.TrimPrefix(domain, "*"), ".")
	return host == bare && bare == domain || strings.HasSuffix(host, "."+bare)
}

// authorization is the header line that a proxy with a user name asks for.
func authorization(proxy *url.URL) string {
	if proxy.User == nil {
		return ""
	}
	password, _ := proxy.User.Password()
	return "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password)) + "\r\n"
}
