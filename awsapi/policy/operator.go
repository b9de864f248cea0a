package policy

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"time"
)

// comparison is one kind of condition operator, without negation.
type comparison struct {
	variables bool // policy variables work in its values
	// matches compares one value of the policy with one of the request.
	matches func(want pattern, have string) bool
}

// operator is a condition operator with its prefix and suffix taken apart.
type operator struct {
	comparison
	negated  bool
	ifExists bool
	null     bool // Null, which compares nothing
	set      set
}

type set string

const (
	single set = ""
	all    set = "ForAllValues"
	some   set = "ForAnyValue"
)

// operatorOf takes an operator's name apart; false if IAM has no such operator.
// Null takes neither prefix nor suffix.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func operatorOf(name string) (operator, bool) {
	if name == "Null" {
		return operator{null: true}, true
	}
	var op operator
	if before, after, found := strings.Cut(name, ":"); found {
		op.set = set(before)
		if op.set != all && op.set != some {
			return op, false
		}
		name = after
	}
	name, op.ifExists = strings.CutSuffix(name, "IfExists")
	var ok bool
	op.comparison, op.negated, ok = comparisonOf(name)
	return op, ok
}

// comparisonOf is the table of operators.
func comparisonOf(name string) (c comparison, negated, ok bool) {
	switch name {
	case "StringEquals", "StringNotEquals":
		c = comparison{true, func(w pattern, h string) bool { return w.literal() == h }}
	case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase":
		c = comparison{true, func(w pattern, h string) bool { return strings.EqualFold(w.literal(), h) }}
	case "StringLike", "StringNotLike":
		c = comparison{true, pattern.matches}
	case "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike":
		c = comparison{true, func(w pattern, h string) bool { return w.asARN().matches(h) }}
	case "Bool":
		c = comparison{true, func(w pattern, h string) bool { return strings.EqualFold(w.literal(), h) }}
	case "BinaryEquals":
		c = comparison{false, sameBytes}
	case "IpAddress", "NotIpAddress":
		c = comparison{false, inRange}
	default:
		return orderOf(name)
	}
	return c, strings.Contains(name, "Not"), true
}

// orderOf is the part of the table that compares numbers and times.
func orderOf(name string) (c comparison, negated, ok bool) {
	compare := compareNumbers
	relation, isNumeric := strings.CutPrefix(name, "Numeric")
	if !isNumeric {
		var isDate bool
		if relation, isDate = strings.CutPrefix(name, "Date"); !isDate {
			return c, false, false
		}
		compare = compareTimes
	}
	holds, known := map[string]func(int) bool{
		"Equals":            func(order int) bool { return order == 0 },
		"NotEquals":         func(order int) bool { return order == 0 },
		"LessThan":          func(order int) bool { return order < 0 },
		"LessThanEquals":    func(order int) bool { return order <= 0 },
		"GreaterThan":       func(order int) bool { return order > 0 },
		"GreaterThanEquals": func(order int) bool { return order >= 0 },
	}[relation]
	c.matches = func(want pattern, have string) bool {
		order, ok := compare(have, want.literal())
		return ok && holds(order)
	}
	return c, relation == "NotEquals", known
}

// compareTimes orders two times in ISO 8601 or in seconds since 1970. Where one
// of them is neither, nothing matches.
func compareTimes(a, b string) (order int, ok bool) {
	left, okLeft := timeOf(a)
	right, okRight := timeOf(b)
	return left.Compare(right), okLeft && okRight
}

// timeOf reads the forms of https://www.w3.org/TR/NOTE-datetime and UNIX time.
// Four digits are a year, as in that note.
func timeOf(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	seconds, ok := numberOf(s)
	if !ok || !seconds.IsInt() || !seconds.Num().IsInt64() {
		return time.Time{}, false
	}
	return time.Unix(seconds.Num().Int64(), 0), true
}

// sameBytes compares two base64 texts by the bytes they stand for.
func sameBytes(want pattern, have string) bool {
	left, errLeft := base64.StdEncoding.DecodeString(want.literal())
	right, errRight := base64.StdEncoding.DecodeString(have)
	return errLeft == nil && errRight == nil && string(left) == string(right)
}

// inRange says whether an address lies in a range; a range without a prefix
// length is one address.
func inRange(want pattern, have string) bool {
	address, err := netip.ParseAddr(have)
	if err != nil {
		return false
	}
	text := want.literal()
	if one, err := netip.ParseAddr(text); err == nil {
		return one == address
	}
	network, err := netip.ParsePrefix(text)
	return err == nil && network.Contains(address)
}
