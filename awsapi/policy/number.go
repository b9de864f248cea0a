package policy

import (
	"math/big"
	"strings"
)

// compareNumbers orders two integers or decimals. Where one of them is neither,
// nothing matches.
func compareNumbers(a, b string) (order int, ok bool) {
	left, okLeft := numberOf(a)
	right, okRight := numberOf(b)
	if !okLeft || !okRight {
		return 0, false
	}
	return left.Cmp(right), true
}

// longestNumber bounds what a hostile document can make us calculate.
const longestNumber = 64

// numberOf reads an integer or a decimal, exactly; no exponents, no fractions.
func numberOf(s string) (*big.Rat, bool) {
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || len(s) > longestNumber || strings.Trim(digits, "0123456789.") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}
