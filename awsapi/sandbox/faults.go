package sandbox

import (
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// FaultKind is one thing that can be made to go wrong in a sandbox, to practise
// on or to test with. A name that ends in a colon or a sign wants a value.
type FaultKind struct {
	Name string // anchor-disabled, deny:
	Says string // what it does, one phrase
	// Codes are the doctor's codes that name it, likeliest first; none where the
	// fault shows only under circumstances that Says names.
	Codes []string
	// Spares says why the fault does not touch somebody who asks so, or nothing if it
	// does; nil if it spares nobody.
	Spares func(Asker) string

	harm func(*patient) error // to the things; nil for weather, which is in force until it is mended
	// reads checks the value of a name that wants one.
	reads func(value string) error
}

// Asker is what faults look at in a request for a session.
type Asker struct {
	Certificate *x509.Certificate
	Seconds     int // the duration asked for; 0 leaves it to the Roles Anywhere profile
}

func sparesDuration(a Asker) string {
	if a.Seconds > 0 && a.Seconds <= 3600 {
		return fmt.Sprintf("it asks for %d seconds, which the role allows", a.Seconds)
	}
	return ""
}

func sparesEKU(a Asker) string {
	if clientAuth(a.Certificate) {
		return "its certificate has clientAuth"
	}
	return ""
}

// ErrNoFault says that there is no fault of that name.
var ErrNoFault error = noFault{}

type noFault struct{}

func (noFault) Error() string { return "no such fault" }
func (noFault) Hint() string  { return "anywhere sandbox --break list" }

// Faults lists every fault.
func Faults() []FaultKind {
	return slices.Concat(anchorFaults(), profileFaults(), roleFaults(), trustFaults(), listFaults(), weatherFaults())
}

// faultOf finds the fault of a name such as deny:iam:CreateRole and its value.
func faultOf(name string) (kind FaultKind, value string, err error) {
	for _, k := range Faults() {
		if k.reads == nil && k.Name == name {
			return k, "", nil
		}
		value, ok := strings.CutPrefix(name, k.Name)
		if k.reads == nil || !ok {
			continue
		}
		if err := k.reads(value); err != nil {
			return k, "", fmt.Errorf("break %s: %w", name, err)
		}
		return k, value, nil
	}
	return FaultKind{}, "", fmt.Errorf("break %s: %w", name, ErrNoFault)
}

// Break makes something go wrong: name is that of a fault, "random" for one that
// harms a set-up's things, or "none" to mend what went wrong before. With @SETUP
// after it, it strikes the things of that set-up, otherwise those of the newest.
// It returns the name of what it did. The harm is on the disk before it returns.
func (s *Sandbox) Break(name string) (did string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fault, setup, _ := strings.Cut(name, "@")
	if fault == "none" {
		s.mendAll()
		return fault, s.save()
	}
	if fault == "random" {
		return s.breakRandom(setup)
	}
	if err := s.harm(fault, setup); err != nil {
		s.rewind()
		return "", err
	}
	return fault, s.save()
}

// breakRandom draws until a fault fits what is there.
func (s *Sandbox) breakRandom(setup string) (did string, err error) {
	all := slices.DeleteFunc(Faults(), func(k FaultKind) bool { return k.harm == nil || len(k.Codes) == 0 || k.Spares != nil })
	for _, b := range s.random(20) {
		did = all[int(b)%len(all)].Name
		if err = s.harm(did, setup); err == nil {
			return did, s.save()
		}
		s.rewind()
	}
	return "", err
}

func (s *Sandbox) harm(name, setup string) error {
	kind, _, err := faultOf(name)
	if err != nil {
		return err
	}
	if kind.harm == nil {
		if !slices.Contains(s.state.Faults, name) {
			s.state.Faults = append(s.state.Faults, name)
		}
		return nil
	}
	p := &patient{call: &call{Sandbox: s, now: s.now(), region: s.cfg.Region, id: s.uuid()}, setup: setup}
	p.op = &operation{}
	p.choose()
	if err := kind.harm(p); err != nil {
		return fmt.Errorf("break %s: %w", name, err)
	}
	return nil
}

// Broken lists the faults of weather that are in force.
func (s *Sandbox) Broken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.Faults)
}

// SetSeed makes the chance of faults such as flaky start anew from a seed.
func (s *Sandbox) SetSeed(seed uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Seed = seed
	s.chances.Store(0)
	return s.save()
}

// weatherFaults concern calls, not things.
func weatherFaults() []FaultKind {
	return []FaultKind{
		{Name: "clock", Says: "AWS's clock goes ahead or back: clock+10m, clock-10m", Codes: []string{"RA401"}, reads: readClock},
		{Name: "deny:", Says: "nobody may do one IAM action, not even the administrator: deny:iam:CreateRole", reads: readAction},
		{Name: "throttle:", Says: "one operation is always asked too much: throttle:CreateSession", reads: readOperation},
		{Name: "throttle", Says: "CreateSession is always asked too much", Codes: []string{"RA405"}},
		{Name: "rates", Says: "every group of calls may be asked as often as AWS allows and no more"},
		{Name: "500:", Says: "one operation is always broken: 500:CreateProfile", reads: readOperation},
		{Name: "500", Says: "CreateSession is always broken", Codes: []string{"RA403"}},
		{Name: "flaky", Says: "three calls in ten are answered 500, drawn from --seed"},
		{Name: "slow:", Says: "answers come after a while: slow:3s", reads: readDuration},
		{Name: "slow", Says: "answers come after 3 seconds"},
		{Name: "iam-slow:", Says: "a change of a role takes a while to spread: iam-slow:30s", reads: readDuration},
		{Name: "iam-slow", Says: "a change of a role takes 15 seconds to spread", Codes: []string{"RA310"}},
		{Name: "strict-eku", Says: "a certificate must have the extended key usage clientAuth", Codes: []string{"RA118"}, Spares: sparesEKU},
		{Name: "mapping-null", Says: "fresh Roles Anywhere profiles have no attribute mappings, as was seen once"},
	}
}

func readOperation(name string) error {
	for _, s := range services() {
		if slices.ContainsFunc(s.operations, func(o operation) bool { return o.name == name }) {
			return nil
		}
	}
	return errors.New("the sandbox has no operation of that name")
}

func readAction(action string) error {
	if service, name, ok := strings.Cut(action, ":"); !ok || service == "" || name == "" {
		return errors.New("name an IAM action, such as iam:CreateRole")
	}
	return nil
}

func readDuration(text string) error {
	if d, err := time.ParseDuration(text); err != nil || d <= 0 || d > time.Hour {
		return errors.New("name a time up to an hour, such as 3s")
	}
	return nil
}

func readClock(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d == 0 || text[0] != '+' && text[0] != '-' {
		return errors.New("name an offset, such as +10m or -1h")
	}
	return nil
}

// drawn says whether chance strikes: with the same seed the same calls.
func drawn(seed, number uint64, share float64) bool {
	return rand.New(rand.NewPCG(seed, number)).Float64() < share
}
