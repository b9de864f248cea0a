package signing

import (
	"cmp"
	"crypto"
	"fmt"
	"io"
	"sync"
	"time"

	"anywhere/signer/keystore"
	"anywhere/signer/keystore/hardware"
	"anywhere/signer/keystore/pkcs11uri"
)

// patience bounds what a token or TPM takes, which may never answer. A person who
// is asked for its PIN has all the time there is. A nil one waits for ever.
type patience struct {
	w      World
	module string        // of PKCS #11, by the flags
	turn   chan struct{} // holds one value while hardware is asked, even by who has given up

	mu     sync.Mutex
	whole  time.Duration
	until  time.Time
	asking time.Time     // since when a person is asked; zero if nobody is
	atMost time.Duration // for which the person is waited for; zero is for ever
}

// atKeypad is how long a person has at the keypad of a reader: nobody can tell one
// who looks for the PIN from a module that hangs.
const atKeypad = time.Minute

// patient is w with the time that hardware has.
func (w World) patient(o options) World {
	if w.secrets == nil {
		w.secrets = &secrets{}
	}
	w.patience = &patience{w: w, module: o.module, turn: w.secrets.turnAtHardware(), whole: o.deadline(), until: w.Now().Add(o.deadline())}
	return w
}

// within starts the time anew. Whole seconds are what errors tell.
func (p *patience) within(whole time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.whole, p.until = max(whole.Round(time.Second), time.Second), p.w.Now().Add(whole)
}

// left is what is left of the time, all of it while a person is asked.
func (p *patience) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.asking.IsZero() && p.atMost == 0 {
		return p.whole
	}
	return max(p.until.Add(p.atMost).Sub(p.w.Now()), 0)
}

// ask lets time stand still while a person is asked.
func (p *patience) ask(read func() ([]byte, error)) ([]byte, error) {
	if p == nil {
		return read()
	}
	defer p.stand(0)()
	return read()
}

// keypad lets time stand still while a person types at a token's own keypad.
func (p *patience) keypad(login func() error) error {
	if p == nil {
		return login()
	}
	defer p.stand(atKeypad)()
	return login()
}

// stand stops time, for as long as atMost, until what it returns is called.
func (p *patience) stand(atMost time.Duration) (goOn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asking, p.atMost = p.w.Now(), atMost
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		took := p.w.Now().Sub(p.asking)
		if atMost > 0 {
			took = min(took, atMost)
		}
		p.until, p.asking, p.atMost = p.until.Add(took), time.Time{}, 0
	}
}

// bounded does what asks the hardware at ref, and gives up once time is up. What it
// gave up may go on until the program ends, and nothing else is asked before it has
// ended: a service would have more and more that hang.
func bounded[V any](p *patience, verb, ref string, work func() (V, error)) (none V, err error) {
	if p == nil {
		return work()
	}
	type result struct {
		value V
		err   error
	}
	done, start := make(chan result, 1), p.turn
	timer := p.w.timer(p.left())
	for {
		select {
		case start <- struct{}{}:
			start = nil
			go func() {
				value, err := work()
				<-p.turn
				done <- result{value, err}
			}()
		case r := <-done:
			return r.value, r.err
		case <-timer:
			left := p.left()
			if left <= 0 {
				return none, p.silent(verb, ref)
			}
			timer = p.w.timer(left)
		}
	}
}

// silent says who did not answer, and for how long.
func (p *patience) silent(verb, ref string) error {
	device := "TPM " + cmp.Or(p.w.Getenv("TPM_DEVICE"), "/dev/tpmrm0")
	if keystore.Device(ref) == "PKCS #11" {
		device = "PKCS #11 module " + keystore.Store{Module: p.module}.Describe(ref, nil).Module
		ref = pkcs11uri.WithoutPIN(ref)
	}
	return &hardware.Error{Verb: verb, Ref: ref, Reason: hardware.Failed, Says: fmt.Sprintf("%s gave no answer within %v", device, p.whole),
		Fix: "see whether another program holds it, or its service hangs; --timeout gives it more seconds"}
}

// slow bounds the signing of a key in hardware; another key stays as it is.
func (p *patience) slow(key crypto.Signer, ref string) crypto.Signer {
	if p == nil || !keystore.InHardware(key) {
		return key
	}
	return slowKey{key, p, ref}
}

// slowKey is a key in hardware that signs in time or not at all.
type slowKey struct {
	crypto.Signer
	p   *patience
	ref string
}

func (k slowKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return bounded(k.p, "sign with", k.ref, func() ([]byte, error) { return k.Signer.Sign(random, digest, opts) })
}

func (k slowKey) SignMessage(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return bounded(k.p, "sign with", k.ref, func() ([]byte, error) { return crypto.SignMessage(k.Signer, random, message, opts) })
}

// InHardware marks it, and Show says how its public half is seen.
func (k slowKey) InHardware() {}
func (k slowKey) Show() string {
	if key, ok := k.Signer.(interface{ Show() string }); ok {
		return key.Show()
	}
	return ""
}
