package policy

import (
	"strings"
	"testing"
)

// The pages that the expectations below come from.
const (
	operatorsPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
	multiPage     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
	conditionPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html"
	variablesPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"
	w3cDates      = "https://www.w3.org/TR/NOTE-datetime"
)

type vector struct {
	operator string
	key      string
	values   []string
	context  Context
	want     bool
	source   string // the page that says so
}

func is(values ...string) []string { return values }

// conditionVectors returns at least one condition that holds and one that does
// not for every operator that IAM documents.
func conditionVectors() map[string]vector {
	job, paths, ip := "aws:PrincipalTag/job-category", "aws:ResourceOrgPaths", "aws:SourceIp"
	topic := "arn:aws:sns:us-west-2:123456789012:TOPIC-ID"
	media := is("o-acorg/r-acroot/ou-acroot-mediaou/", "o-acorg/r-acroot/ou-acroot-sportsou/*")
	distributions := is("arn:aws:cloudfront::123456789012:distribution/*", "arn:aws:cloudfront::123456789012:distribution/support*")
	instances := is("t1.*", "t2.*", "m3.*")
	return map[string]vector{
		"StringEquals on the same text":             {"StringEquals", job, is("iamuser-admin"), Context{job: is("iamuser-admin")}, true, operatorsPage},
		"StringEquals on another text":              {"StringEquals", job, is("iamuser-admin"), Context{job: is("dev-ops")}, false, operatorsPage},
		"StringEquals on an absent key":             {"StringEquals", job, is("iamuser-admin"), Context{}, false, operatorsPage},
		"StringEquals minds the case":               {"StringEquals", job, is("iamuser-admin"), Context{job: is("IamUser-Admin")}, false, operatorsPage},
		"StringEquals takes an asterisk as it is":   {"StringEquals", job, is("iamuser-*"), Context{job: is("iamuser-admin")}, false, operatorsPage},
		"StringEquals with two values is an or":     {"StringEquals", job, is("a", "b"), Context{job: is("b")}, true, conditionPage},
		"a key's case does not matter":              {"StringEquals", "AWS:principaltag/JOB-category", is("a"), Context{job: is("a")}, true, conditionPage},
		"StringNotEquals on another text":           {"StringNotEquals", job, is("a", "b"), Context{job: is("c")}, true, conditionPage},
		"StringNotEquals with two values is a nor":  {"StringNotEquals", job, is("a", "b"), Context{job: is("b")}, false, conditionPage},
		"StringNotEquals on an absent key":          {"StringNotEquals", job, is("a"), Context{}, true, operatorsPage},
		"StringEqualsIgnoreCase in another case":    {"StringEqualsIgnoreCase", "aws:RequestTag/environment", is("preprod", "storage"), Context{"aws:RequestTag/environment": is("PreProd")}, true, operatorsPage},
		"StringEqualsIgnoreCase on another text":    {"StringEqualsIgnoreCase", "aws:RequestTag/environment", is("preprod"), Context{"aws:RequestTag/environment": is("prod")}, false, operatorsPage},
		"StringNotEqualsIgnoreCase in another case": {"StringNotEqualsIgnoreCase", job, is("Admin"), Context{job: is("aDMIN")}, false, operatorsPage},
		"StringNotEqualsIgnoreCase on another text": {"StringNotEqualsIgnoreCase", job, is("Admin"), Context{job: is("guest")}, true, operatorsPage},
		"StringLike with an asterisk":               {"StringLike", "s3:prefix", is("home/*"), Context{"s3:prefix": is("home/martha")}, true, operatorsPage},
		"StringLike with a question mark":           {"StringLike", "s3:prefix", is("home/?"), Context{"s3:prefix": is("home/ma")}, false, operatorsPage},
		"StringLike without wildcards is equality":  {"StringLike", "s3:prefix", is("home"), Context{"s3:prefix": is("home/")}, false, operatorsPage},
		"StringLike minds the case":                 {"StringLike", "s3:prefix", is("home/*"), Context{"s3:prefix": is("Home/a")}, false, operatorsPage},
		"StringLike on an empty value":              {"StringLike", "s3:prefix", is("", "home/"), Context{"s3:prefix": is("")}, true, operatorsPage},
		"StringNotLike on a match":                  {"StringNotLike", "s3:prefix", is("home/*"), Context{"s3:prefix": is("home/a")}, false, operatorsPage},
		"StringNotLike on an absent key":            {"StringNotLike", "s3:prefix", is("home/*"), Context{}, true, operatorsPage},

		"NumericEquals on the same number in another form": {"NumericEquals", "s3:max-keys", is("10"), Context{"s3:max-keys": is("10.0")}, true, operatorsPage},
		"NumericEquals on a text":                          {"NumericEquals", "s3:max-keys", is("10"), Context{"s3:max-keys": is("ten")}, false, operatorsPage},
		"NumericNotEquals on another number":               {"NumericNotEquals", "s3:max-keys", is("10"), Context{"s3:max-keys": is("11")}, true, operatorsPage},
		"NumericNotEquals on the same number":              {"NumericNotEquals", "s3:max-keys", is("10"), Context{"s3:max-keys": is("10")}, false, operatorsPage},
		"NumericLessThan below":                            {"NumericLessThan", "s3:max-keys", is("10"), Context{"s3:max-keys": is("9")}, true, operatorsPage},
		"NumericLessThan at the bound":                     {"NumericLessThan", "s3:max-keys", is("10"), Context{"s3:max-keys": is("10")}, false, operatorsPage},
		"NumericLessThanEquals at the bound":               {"NumericLessThanEquals", "s3:max-keys", is("10"), Context{"s3:max-keys": is("10")}, true, operatorsPage},
		"NumericLessThanEquals above":                      {"NumericLessThanEquals", "s3:max-keys", is("10"), Context{"s3:max-keys": is("11")}, false, operatorsPage},
		"NumericLessThanEquals on an absent key":           {"NumericLessThanEquals", "s3:max-keys", is("10"), Context{}, false, operatorsPage},
		"NumericGreaterThan above":                         {"NumericGreaterThan", "s3:max-keys", is("10"), Context{"s3:max-keys": is("10.5")}, true, operatorsPage},
		"NumericGreaterThan at the bound":                  {"NumericGreaterThan", "s3:max-keys", is("10"), Context{"s3:max-keys": is("10")}, false, operatorsPage},
		"NumericGreaterThanEquals at the bound":            {"NumericGreaterThanEquals", "s3:max-keys", is("10"), Context{"s3:max-keys": is("10")}, true, operatorsPage},
		"NumericGreaterThanEquals below":                   {"NumericGreaterThanEquals", "s3:max-keys", is("10"), Context{"s3:max-keys": is("-10")}, false, operatorsPage},

		"DateEquals in another zone":                    {"DateEquals", "aws:CurrentTime", is("2020-01-01T00:00:00Z"), Context{"aws:CurrentTime": is("2020-01-01T02:00:00+02:00")}, true, w3cDates},
		"DateEquals a second later":                     {"DateEquals", "aws:CurrentTime", is("2020-01-01T00:00:00Z"), Context{"aws:CurrentTime": is("2020-01-01T00:00:01Z")}, false, operatorsPage},
		"DateNotEquals a second later":                  {"DateNotEquals", "aws:CurrentTime", is("2020-01-01T00:00:00Z"), Context{"aws:CurrentTime": is("2020-01-01T00:00:01Z")}, true, operatorsPage},
		"DateNotEquals at the same time":                {"DateNotEquals", "aws:CurrentTime", is("2020-01-01"), Context{"aws:CurrentTime": is("2020-01-01T00:00:00Z")}, false, operatorsPage},
		"DateLessThan in UNIX time":                     {"DateLessThan", "aws:EpochTime", is("1577836801"), Context{"aws:EpochTime": is("1577836800")}, true, operatorsPage},
		"DateLessThan at the bound":                     {"DateLessThan", "aws:EpochTime", is("1577836800"), Context{"aws:EpochTime": is("1577836800")}, false, operatorsPage},
		"DateLessThanEquals across the two forms":       {"DateLessThanEquals", "aws:CurrentTime", is("1577836800"), Context{"aws:CurrentTime": is("2020-01-01T00:00:00Z")}, true, operatorsPage},
		"DateLessThanEquals later":                      {"DateLessThanEquals", "aws:CurrentTime", is("2020-01-01T00:00:00Z"), Context{"aws:CurrentTime": is("2020-01-01T00:00:01Z")}, false, operatorsPage},
		"DateGreaterThan on a token issued later":       {"DateGreaterThan", "aws:TokenIssueTime", is("2020-01-01T00:00:01Z"), Context{"aws:TokenIssueTime": is("2020-06-01T00:00:00Z")}, true, operatorsPage},
		"DateGreaterThan on long-lived keys":            {"DateGreaterThan", "aws:TokenIssueTime", is("2020-01-01T00:00:01Z"), Context{}, false, operatorsPage},
		"DateGreaterThanEquals at the bound":            {"DateGreaterThanEquals", "aws:CurrentTime", is("2020-01-01T00:00Z"), Context{"aws:CurrentTime": is("2020-01-01T00:00:00Z")}, true, operatorsPage},
		"DateGreaterThanEquals on what is no date":      {"DateGreaterThanEquals", "aws:CurrentTime", is("yesterday"), Context{"aws:CurrentTime": is("2020-01-01T00:00:00Z")}, false, operatorsPage},
		"Bool on the same value":                        {"Bool", "aws:SecureTransport", is("false"), Context{"aws:SecureTransport": is("false")}, true, operatorsPage},
		"Bool on the other value":                       {"Bool", "aws:SecureTransport", is("false"), Context{"aws:SecureTransport": is("true")}, false, operatorsPage},
		"Bool on an absent key":                         {"Bool", "aws:SecureTransport", is("false"), Context{}, false, operatorsPage},
		"BinaryEquals on the same bytes":                {"BinaryEquals", "key", is("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), Context{"key": is("QmluYXJ5VmFsdWVJbkJhc2U2NA==")}, true, operatorsPage},
		"BinaryEquals on other bytes":                   {"BinaryEquals", "key", is("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), Context{"key": is("ASIAIOSFODNN7EXAMPLE")}, false, operatorsPage},
		"BinaryEquals on an absent key":                 {"BinaryEquals", "key", is("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), Context{}, false, operatorsPage},
		"IpAddress in the range":                        {"IpAddress", ip, is("203.0.113.0/24"), Context{ip: is("203.0.113.1")}, true, operatorsPage},
		"IpAddress outside the range":                   {"IpAddress", ip, is("203.0.113.0/24"), Context{ip: is("198.51.100.1")}, false, operatorsPage},
		"IpAddress version 6 among ranges":              {"IpAddress", ip, is("203.0.113.0/24", "2001:DB8:1234:5678::/64"), Context{ip: is("2001:db8:1234:5678::1")}, true, operatorsPage},
		"IpAddress without a prefix is one address":     {"IpAddress", ip, is("203.0.113.0"), Context{ip: is("203.0.113.1")}, false, operatorsPage},
		"NotIpAddress outside the range":                {"NotIpAddress", ip, is("203.0.113.0/24"), Context{ip: is("198.51.100.1")}, true, operatorsPage},
		"NotIpAddress in the range":                     {"NotIpAddress", ip, is("203.0.113.0/24"), Context{ip: is("203.0.113.255")}, false, operatorsPage},
		"ArnEquals on the same ARN":                     {"ArnEquals", "aws:SourceArn", is(topic), Context{"aws:SourceArn": is(topic)}, true, operatorsPage},
		"ArnEquals on another account":                  {"ArnEquals", "aws:SourceArn", is(topic), Context{"aws:SourceArn": is("arn:aws:sns:us-west-2:777788889999:TOPIC-ID")}, false, operatorsPage},
		"ArnEquals on an absent key":                    {"ArnEquals", "aws:SourceArn", is(topic), Context{}, false, operatorsPage},
		"ArnEquals takes wildcards like ArnLike":        {"ArnEquals", "aws:SourceArn", is("arn:aws:sns:*:123456789012:TOPIC-?D"), Context{"aws:SourceArn": is(topic)}, true, operatorsPage},
		"ArnLike compares each component by itself":     {"ArnLike", "aws:SourceArn", is("arn:aws:sns:*:TOPIC-ID"), Context{"aws:SourceArn": is(topic)}, false, operatorsPage},
		"ArnLike with a wildcard in the resource":       {"ArnLike", "aws:SourceArn", is("arn:aws:sns:us-west-2:123456789012:*"), Context{"aws:SourceArn": is(topic + ":subscription")}, true, operatorsPage},
		"ArnNotEquals on another ARN":                   {"ArnNotEquals", "aws:SourceArn", is(topic), Context{"aws:SourceArn": is("arn:aws:sns:us-west-2:777788889999:TOPIC-ID")}, true, operatorsPage},
		"ArnNotEquals on a match":                       {"ArnNotEquals", "aws:SourceArn", is("arn:aws:sns:us-west-2:123456789012:TOPIC-*"), Context{"aws:SourceArn": is(topic)}, false, operatorsPage},
		"ArnNotLike on an absent key":                   {"ArnNotLike", "aws:SourceArn", is(topic), Context{}, true, operatorsPage},
		"ArnNotLike on a match":                         {"ArnNotLike", "aws:SourceArn", is("arn:*:sns:*:*:*"), Context{"aws:SourceArn": is(topic)}, false, operatorsPage},
		"Null true on an absent key":                    {"Null", "aws:TokenIssueTime", is("true"), Context{}, true, operatorsPage},
		"Null true on a key that is there":              {"Null", "aws:TokenIssueTime", is("true"), Context{"aws:TokenIssueTime": is("2020-01-01T00:00:00Z")}, false, operatorsPage},
		"Null false on a key that is there":             {"Null", "aws:TokenIssueTime", is("false"), Context{"aws:TokenIssueTime": is("2020-01-01T00:00:00Z")}, true, operatorsPage},
		"Null false on an absent key":                   {"Null", "aws:TokenIssueTime", is("false"), Context{}, false, operatorsPage},
		"Null false on an empty value":                  {"Null", "aws:TokenIssueTime", is("false"), Context{"aws:TokenIssueTime": is("")}, false, multiPage},
		"IfExists on a match":                           {"StringLikeIfExists", "ec2:InstanceType", instances, Context{"ec2:InstanceType": is("t1.micro")}, true, operatorsPage},
		"IfExists on another value":                     {"StringLikeIfExists", "ec2:InstanceType", instances, Context{"ec2:InstanceType": is("m2.micro")}, false, operatorsPage},
		"IfExists on an absent key":                     {"StringLikeIfExists", "ec2:InstanceType", instances, Context{}, true, operatorsPage},
		"negated IfExists on an absent key":             {"StringNotEqualsIfExists", "ec2:InstanceType", is("t1.micro"), Context{}, true, operatorsPage},
		"ForAnyValue on one match of two":               {"ForAnyValue:StringEquals", "aws:TagKeys", is("environment"), Context{"aws:TagKeys": is("environment", "costcenter")}, true, operatorsPage},
		"ForAnyValue minds the case":                    {"ForAnyValue:StringEquals", "aws:TagKeys", is("environment"), Context{"aws:TagKeys": is("Environment")}, false, operatorsPage},
		"ForAnyValue on an absent key":                  {"ForAnyValue:StringEquals", "aws:TagKeys", is("environment"), Context{}, false, multiPage},
		"ForAnyValue with IfExists on an absent key":    {"ForAnyValue:StringEqualsIfExists", "aws:TagKeys", is("environment"), Context{}, true, operatorsPage},
		"ForAnyValue negated on one other value":        {"ForAnyValue:StringNotEquals", "aws:TagKeys", is("environment"), Context{"aws:TagKeys": is("environment", "costcenter")}, true, operatorsPage},
		"ForAnyValue negated on none other":             {"ForAnyValue:StringNotEquals", "aws:TagKeys", is("environment"), Context{"aws:TagKeys": is("environment")}, false, operatorsPage},
		"ForAllValues on a subset":                      {"ForAllValues:ArnLike", "logs:LogGeneratingResourceArns", distributions, Context{"logs:LogGeneratingResourceArns": is("arn:aws:cloudfront::123456789012:distribution/costcenter", "arn:aws:cloudfront::123456789012:distribution/support2025")}, true, operatorsPage},
		"ForAllValues on one value outside":             {"ForAllValues:ArnLike", "logs:LogGeneratingResourceArns", distributions, Context{"logs:LogGeneratingResourceArns": is("arn:aws:cloudfront::777788889999:distribution/costcenter")}, false, operatorsPage},
		"ForAllValues on an absent key":                 {"ForAllValues:ArnLike", "logs:LogGeneratingResourceArns", distributions, Context{}, true, operatorsPage},
		"ForAllValues on an empty value":                {"ForAllValues:StringEquals", "aws:TagKeys", is("environment"), Context{"aws:TagKeys": is("")}, true, multiPage},
		"ForAllValues negated with one value that fits": {"ForAllValues:StringNotLike", paths, media, Context{paths: is("o-x/r-x/", "o-acorg/r-acroot/ou-acroot-sportsou/costcenter/")}, false, operatorsPage},
		"ForAllValues negated with none that fits":      {"ForAllValues:StringNotLike", paths, media, Context{paths: is("o-acorg/r-acroot/ou-acroot-mediaou/costcenter/")}, true, operatorsPage},
		"ForAllValues of Bool on a mixed list":          {"ForAllValues:Bool", "key", is("true"), Context{"key": is("true", "false")}, false, operatorsPage},
	}
}

func TestConditionsHoldAsIAMSays(t *testing.T) {
	for name, v := range conditionVectors() {
		t.Run(name, func(t *testing.T) {
			c := Condition{v.operator, v.key, v.values}
			if got := c.holds(v.context, Version); got != v.want {
				t.Errorf("%s %s %q on %v: got %v, want %v\nsource: %s", v.operator, v.key, v.values, v.context, got, v.want, v.source)
			}
			if !strings.HasPrefix(v.source, "https://") {
				t.Errorf("the vector names no source")
			}
		})
	}
}

// An operator without a vector either way could be wrong unseen.
func TestEveryOperatorHasVectorsBothWays(t *testing.T) {
	seen := map[string]map[bool]bool{}
	for _, v := range conditionVectors() {
		_, name, found := strings.Cut(v.operator, ":")
		if !found {
			name = v.operator
		}
		name = strings.TrimSuffix(name, "IfExists")
		if seen[name] == nil {
			seen[name] = map[bool]bool{}
		}
		seen[name][v.want] = true
	}
	for _, name := range []string{
		"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
		"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
		"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
	} {
		if !seen[name][true] || !seen[name][false] {
			t.Errorf("%s: has vectors %v, want one that holds and one that does not", name, seen[name])
		}
	}
}

func TestVariablesTakeTheirValuesFromTheRequest(t *testing.T) {
	cn := "aws:PrincipalTag/x509Subject/CN"
	tests := map[string]struct {
		operator, value, version string
		context                  Context
		have                     string
		want                     bool
	}{
		"a variable stands for its value":                    {"StringEquals", "home/${aws:username}/", Version, Context{"aws:username": is("martha_rivera")}, "home/martha_rivera/", true},
		"a variable of another value":                        {"StringEquals", "home/${aws:username}/", Version, Context{"aws:username": is("nikki_wolf")}, "home/martha_rivera/", false},
		"a variable without value matches nothing":           {"StringLike", "home/${aws:username}/", Version, Context{}, "home//", false},
		"a negated operator holds on it":                     {"StringNotLike", "home/${aws:username}/", Version, Context{}, "home//", true},
		"a session tag of a certificate":                     {"StringEquals", "${aws:PrincipalTag/x509Subject/CN}", Version, Context{cn: is("host-01")}, "host-01", true},
		"a variable's case does not matter":                  {"StringEquals", "${AWS:UserName}", Version, Context{"aws:username": is("a")}, "a", true},
		"a wildcard that came in by a value is literal":      {"StringLike", "${aws:username}", Version, Context{"aws:username": is("*")}, "anybody", false},
		"a literal asterisk":                                 {"StringLike", "a${*}", Version, Context{}, "a*", true},
		"a literal asterisk is not wild":                     {"StringLike", "a${*}", Version, Context{}, "ab", false},
		"a literal question mark":                            {"StringLike", "a${?}", Version, Context{}, "ab", false},
		"a literal dollar":                                   {"StringEquals", "${$}{aws:username}", Version, Context{"aws:username": is("a")}, "${aws:username}", true},
		"a default for an absent key":                        {"StringEquals", "${aws:PrincipalTag/team, 'company-wide'}", Version, Context{}, "company-wide", true},
		"a default is not used for a key that is there":      {"StringEquals", "${aws:PrincipalTag/team, 'company-wide'}", Version, Context{"aws:PrincipalTag/team": is("yellow")}, "company-wide", false},
		"before 2012-10-17 a variable is text":               {"StringEquals", "${aws:username}", "2008-10-17", Context{"aws:username": is("a")}, "${aws:username}", true},
		"a key with two values is no variable":               {"StringEquals", "${aws:TagKeys}", Version, Context{"aws:TagKeys": is("a", "b")}, "a", false},
		"what is never closed is text":                       {"StringEquals", "${aws:username", Version, Context{"aws:username": is("a")}, "${aws:username", true},
		"numbers take no variables, so this is not a number": {"NumericEquals", "${aws:username}", Version, Context{"aws:username": is("1")}, "1", false},
		"an ARN operator takes variables":                    {"ArnEquals", "arn:aws:iam::111122223333:role/${aws:username}", Version, Context{"aws:username": is("a")}, "arn:aws:iam::111122223333:role/a", true},
		"an empty value is no value":                         {"StringEquals", "${aws:username}", Version, Context{"aws:username": is("")}, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := Context{"the:key": is(tt.have)}
			for key, values := range tt.context {
				ctx[key] = values
			}
			got := Condition{tt.operator, "the:key", is(tt.value)}.holds(ctx, tt.version)
			if got != tt.want {
				t.Errorf("%s %q on %q: got %v, want %v\nsource: %s", tt.operator, tt.value, tt.have, got, tt.want, variablesPage)
			}
		})
	}
}
