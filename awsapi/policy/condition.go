package policy

import (
	"slices"
	"strings"
)

// holds says whether one condition is met by the request.
//
// An absent key does not match, so a negated operator holds on it; IfExists holds
// on it whatever the operator; ForAllValues holds on it and ForAnyValue does not.
//
// Sources:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
//
// One table of the first page, for ForAllValues:StringNotLike, contradicts the
// text of both pages; the text is followed here.
func (c Condition) holds(ctx Context, version string) bool {
	op, ok := operatorOf(c.Operator)
	if !ok {
		return false
	}
	have, present := ctx.values(c.Key)
	isNull := !slices.ContainsFunc(have, func(v string) bool { return v != "" })
	switch {
	case op.null:
		return slices.ContainsFunc(c.Values, func(want string) bool {
			return strings.EqualFold(want, "true") && isNull || strings.EqualFold(want, "false") && !isNull
		})
	case op.ifExists && !present:
		return true
	case op.set == all && isNull:
		return true
	case op.set == some && isNull:
		return false
	}
	return op.holds(c.patterns(op, ctx, version), have)
}

// patterns are the condition's values, ready to compare; one whose variables
// have no value is left out, since it equals nothing.
func (c Condition) patterns(op operator, ctx Context, version string) []pattern {
	if !op.variables {
		version = ""
	}
	var list []pattern
	for _, value := range c.Values {
		if p, ok := ctx.expand(value, version); ok {
			list = append(list, p)
		}
	}
	return list
}

// holds compares the values of the policy with those of the request: any pair
// may match; under a negated operator none may. The set operators judge each
// value of the request by itself.
func (op operator) holds(want []pattern, have []string) bool {
	found := func(value string) bool {
		return slices.ContainsFunc(want, func(p pattern) bool { return op.matches(p, value) })
	}
	if op.set == single {
		return slices.ContainsFunc(have, found) != op.negated
	}
	judged := func(value string) bool { return found(value) != op.negated }
	if op.set == some {
		return slices.ContainsFunc(have, judged)
	}
	return !slices.ContainsFunc(have, func(value string) bool { return !judged(value) })
}
