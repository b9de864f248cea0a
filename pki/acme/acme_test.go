package acme

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mholt/acmez/v3/acme"

	"anywhere/pki"
)

// free is an address that nobody listens on, and whose port nobody gets who asks for
// any: systems take those from 32768 up, and another test could have had it.
func free(t *testing.T) string {
	t.Helper()
	for port := 20000 + os.Getpid()%6000; port < 32000; port++ {
		address := "127.0.0.1:" + strconv.Itoa(port)
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

func TestTheListenerServesOnePathAndEndsWithTheChallenge(t *testing.T) {
	s := &httpSolver{address: free(t)}
	c := acme.Challenge{Type: acme.ChallengeTypeHTTP01, Token: "token", KeyAuthorization: "token.thumbprint"}
	if err := s.Present(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	ask := func(method, path string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if code, body := ask("GET", "/.well-known/acme-challenge/token"); code != 200 || body != "token.thumbprint" {
		t.Errorf("got %d %q", code, body)
	}
	for _, other := range []string{"/", "/.well-known/acme-challenge/", "/.well-known/acme-challenge/other", "/.well-known/acme-challenge/../token"} {
		if code, body := ask("GET", other); code != 404 {
			t.Errorf("%s: got %d %q, want 404", other, code, body)
		}
	}
	if code, _ := ask("POST", "/.well-known/acme-challenge/token"); code != 404 {
		t.Errorf("POST: got %d, want 404", code)
	}
	if err := s.CleanUp(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if code, body := ask("GET", "/.well-known/acme-challenge/token"); code != 0 {
		t.Errorf("after the challenge: %d %q", code, body)
	}
}

func TestAnAddressInUseIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := &httpSolver{address: l.Addr().String()}
	err = s.Present(t.Context(), acme.Challenge{Token: "t"})
	if busy, ok := errors.AsType[*ListenError](err); !ok || busy.Address != s.address || busy.Hint() == "" {
		t.Errorf("got %v", err)
	}
}

func TestAnIssuersWishIsKeptInsideTheLife(t *testing.T) {
	begin := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	cert := &x509.Certificate{NotBefore: begin, NotAfter: begin.Add(100 * time.Hour)}
	for name, c := range map[string]struct{ wish, want time.Duration }{
		"in the window":           {70 * time.Hour, 70 * time.Hour},
		"now, for ever":           {-time.Hour, time.Hour},
		"within the first hour":   {time.Minute, time.Hour},
		"after the end":           {200 * time.Hour, 90 * time.Hour},
		"in the very last minute": {99 * time.Hour, 90 * time.Hour},
	} {
		if got := boundedRenewal(begin.Add(c.wish), cert).Sub(begin); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestTheServerIsAskedAgainBetweenAMinuteAndADayLater(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		said time.Time
		want time.Duration
	}{
		"it said nothing":    {time.Time{}, 6 * time.Hour},
		"two hours":          {now.Add(2 * time.Hour), 2 * time.Hour},
		"at once":            {now, time.Minute},
		"a second long past": {now.AddDate(-1, 0, 0), time.Minute},
		"in a century":       {now.AddDate(100, 0, 0), 24 * time.Hour},
	} {
		if got := boundedAsking(c.said, now).Sub(now); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestOnlyHTTPSIsSpoken(t *testing.T) {
	for _, directory := range []string{"http://ca.example.com/dir", "ca.example.com", "", "https://"} {
		if _, _, err := (CA{Directory: directory}).client(); err == nil || !strings.Contains(err.Error(), "https URL") {
			t.Errorf("%q: got %v", directory, err)
		}
	}
}

func TestTheCommonNameIsAmongTheNamesOnce(t *testing.T) {
	spec := pki.LeafSpec{Name: pki.Name{CommonName: "box.example.org"}}
	if got := (CA{}).Prepare(spec).DNS; len(got) != 1 || got[0] != "box.example.org" {
		t.Errorf("got %v", got)
	}
	spec.DNS = []string{"BOX.example.org", "other.example.org"}
	if got := (CA{}).Prepare(spec).DNS; len(got) != 2 {
		t.Errorf("got %v", got)
	}
}

func TestAnAnswerThatIsNoCertificateIsRefused(t *testing.T) {
	if _, err := orderOf(acme.Certificate{URL: "u", ChainPEM: []byte("hello")}); err == nil {
		t.Error("hello was taken")
	}
	if _, err := (CA{}).Fetch(context.Background(), pki.Order{ID: "x", DER: []byte("noise")}); err == nil {
		t.Error("noise was taken")
	}
}
