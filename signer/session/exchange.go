package session

import (
	"time"

	"anywhere/signer/exchange"
)

// Target is what CreateSession is asked for, TargetError what in it no AWS account
// can accept, Credentials the answer.
type (
	Target      = exchange.Target
	TargetError = exchange.TargetError
	Credentials = exchange.Credentials
)

// MinDuration and MaxDuration are the bounds of a session's life.
const (
	MinDuration time.Duration = exchange.MinDuration
	MaxDuration time.Duration = exchange.MaxDuration
)

// Endpoint is AWS's own base URL of Roles Anywhere for a Region.
func Endpoint(region string, fips, dualStack bool) string {
	return exchange.Endpoint(region, fips, dualStack)
}

// Configured is the base URL that the environment names, or empty.
func Configured(getenv func(string) string, general bool) string {
	return exchange.Configured(getenv, general)
}
