package sandbox

import (
	"context"
	"slices"
	"strings"
	"time"
)

// What the faults in the state do to calls.

// value returns what stands after prefix in the first fault that begins with it.
func (s *Sandbox) fault(prefix string) (value string, ok bool) {
	for _, f := range s.state.Faults {
		if value, ok := strings.CutPrefix(f, prefix); ok {
			return value, true
		}
	}
	return "", false
}

func (s *Sandbox) has(fault string) bool { return slices.Contains(s.state.Faults, fault) }

// now is the sandbox's clock.
func (s *Sandbox) now() time.Time {
	now := s.cfg.Now().UTC()
	if value, ok := s.fault("clock"); ok {
		if d, err := time.ParseDuration(value); err == nil {
			now = now.Add(d)
		}
	}
	return now
}

// settles is how long CreateSession does not see a change of a role.
func (s *Sandbox) settles() time.Duration {
	d := s.cfg.Weather.settle()
	if s.has("iam-slow") {
		d = max(d, 15*time.Second)
	}
	if value, ok := s.fault("iam-slow:"); ok {
		if slow, err := time.ParseDuration(value); err == nil {
			d = max(d, slow)
		}
	}
	return d
}

// denied says whether a fault takes an action from everybody.
func (c *call) denied(action string) bool {
	return c.fault.denies(action) || slices.ContainsFunc(c.state.Faults, func(f string) bool {
		return strings.EqualFold(f, "deny:"+action)
	})
}

// strike is what befalls the call: by the weather that a test made, or else by
// the faults in the state.
func (c *call) strike() *Fault {
	if f := c.cfg.Weather.strike(c); f != nil {
		return f
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	number := c.chances.Add(1)
	isSession := c.op.byCertificate
	out := &Fault{}
	switch {
	case c.has("throttle:" + c.op.name), isSession && c.has("throttle"), c.has("rates") && !c.inTime():
		out.Throttle = true
	case c.has("500:" + c.op.name), isSession && c.has("500"), c.has("flaky") && drawn(c.state.Seed, number, 0.3):
		out.Break = true
	}
	if d := c.slowness(); d > 0 {
		out.Wait = func(ctx context.Context) {
			select {
			case <-ctx.Done():
			case <-time.After(d):
			}
		}
	}
	return out
}

func (c *call) slowness() time.Duration {
	if value, ok := c.Sandbox.fault("slow:"); ok {
		if d, err := time.ParseDuration(value); err == nil {
			return d
		}
	}
	if c.has("slow") {
		return 3 * time.Second
	}
	return 0
}
