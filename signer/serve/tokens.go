package serve

import (
	"crypto/sha256"
	"strconv"
	"sync"
	"time"

	"anywhere/signer/http1"
)

// The bounds of an IMDSv2 token's life, in seconds, and how many there may be.
//
// Source: Amazon EC2 User Guide, "Use IMDSv2",
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
const (
	longestTTL = 21600
	maxTokens  = 4096
)

// tokens are the IMDSv2 tokens that were given out, by hash: a look-up then tells
// nothing of a token by the time it takes.
type tokens struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]time.Time // until when
}

// newToken answers PUT /latest/api/token.
func (d *Door) newToken(r http1.Incoming) http1.Outgoing {
	ttl := longestTTL // AWS's helper gives this without the header too
	if text := r.Get(headerTTL); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > longestTTL {
			return plain(400, "the time to live must be 1 to 21600 seconds")
		}
		ttl = n
	}
	token, err := NewToken(d.Random, 75) // 100 letters, as IMDS's are about
	if err != nil {
		return plain(503, "no randomness")
	}
	d.tokens.add(token, d.Now(), time.Duration(ttl)*time.Second)
	out := plain(200, token)
	out.Header = append(out.Header, [2]string{headerTTL, strconv.Itoa(ttl)})
	return out
}

// withToken answers only to a token that was given out and still lives.
func (d *Door) withToken(then func() http1.Outgoing) func(http1.Incoming) http1.Outgoing {
	return func(r http1.Incoming) http1.Outgoing {
		left := d.tokens.left(r.Get(headerTokenIMDS), d.Now())
		if left <= 0 {
			return plain(401, "no valid token: PUT "+TokenPath+" gives one")
		}
		out := then()
		out.Header = append(out.Header, [2]string{headerTTL, strconv.Itoa(int(left / time.Second))})
		return out
	}
}

// add keeps a token. Where there are too many the one that ends first goes.
func (t *tokens) add(token string, now time.Time, life time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[[sha256.Size]byte]time.Time{}
	}
	if len(t.all) >= maxTokens {
		t.makeRoom(now)
	}
	t.all[sha256.Sum256([]byte(token))] = now.Add(life)
}

func (t *tokens) makeRoom(now time.Time) {
	var first [sha256.Size]byte
	for hash, end := range t.all {
		if !end.After(now) {
			delete(t.all, hash)
		} else if at, ok := t.all[first]; !ok || end.Before(at) {
			first = hash
		}
	}
	if len(t.all) >= maxTokens {
		delete(t.all, first)
	}
}

// left is how long a token lives; 0 for one that was never given out.
func (t *tokens) left(token string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	end, ok := t.all[sha256.Sum256([]byte(token))]
	if !ok {
		return 0
	}
	return end.Sub(now)
}
