package sandbox

import (
	"fmt"
	"strings"
)

// Reference is docs/sandbox.md: every operation and refusal of the sandbox, what
// it does, and what is known of AWS that says so.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# The sandbox

What the AWS on this machine can do, what it refuses, and how far each is known of
the real one. This page is made from the program (` + "`UPDATE=1 go test ./awsapi/sandbox -run Reference`" + `).

*Confirmed* words were published by people who got them from AWS. *Documented*
means that AWS documents the refusal or the limit, not its words. *Unconfirmed*
words or rules are the sandbox's choice, because nobody published AWS's. Every API
that is not listed answers 501 with its name.

The sandbox begins with the account 000000000000 and makes others as they are asked
for (` + "`anywhere sandbox env --admin --account 222222222222`" + `). The keys that sign a request say in
which account it is done, and nothing in an account is seen from another one. A role
is assumed, or a bucket used, from another account where both accounts allow it;
names of buckets are taken for all accounts. CreateSession goes by the account of the
trust anchor. Rates, limits and the event history are of each account. What goes wrong
by *--break* goes wrong for the newest thing of all, for that of the set-up that is
named or, as the clock, for everybody; *--reset* leaves the first account alone, empty.

## Operations

| operation | what the sandbox does | evidence |
|---|---|---|
`)
	for _, s := range services() {
		for _, op := range s.operations {
			fmt.Fprintf(&b, "| %s %s | %s | %s |\n", s.name, op.name, cell(op.does()), cell(evidenceOf(s.name, op.name)))
		}
	}
	b.WriteString("\n## Refusals\n\nOf Roles Anywhere and of the calls that lead to it; `%s` and `%d` stand for what is named.\n\n| who refuses | words | type, status | evidence |\n|---|---|---|---|\n")
	for _, r := range knownRefusals() {
		fmt.Fprintf(&b, "| %s | %s | %s %d | %s |\n", cell(r.by), cell(r.says), r.code, r.status, cell(r.evidence))
	}
	b.WriteString("\n## Rules that nobody public knows\n\n| question | what the sandbox does |\n|---|---|\n")
	for _, q := range openQuestions() {
		fmt.Fprintf(&b, "| %s | %s |\n", cell(q[0]), cell(q[1]))
	}
	b.WriteString("\n## Faults\n\n`anywhere sandbox --break FAULT[@SETUP]`; a name that ends in a colon or that is `clock` wants a value.\n\n| fault | what goes wrong | the doctor's code |\n|---|---|---|\n")
	for _, k := range Faults() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", k.Name, cell(k.Says), strings.Join(k.Codes, ", "))
	}
	return b.String()
}

// cell is text as it may stand in a table.
func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ")
}

// does says what an operation does where that is not plain from its name.
func (o *operation) does() string {
	if text, ok := peculiarities()[o.name]; ok {
		return text
	}
	switch {
	case o.data:
		return "does it; leaves no event, since it is an event of data"
	case o.writes:
		return "does it, and has it on the disk before it answers"
	}
	return "answers from what is there"
}

func peculiarities() map[string]string {
	return map[string]string{
		"CreateTrustAnchor":           "makes it disabled unless asked; at most 2 certificates, each a CA; the first makes the service-linked role; AWS_ACM_PCA is refused, since there is no private CA",
		"CreateProfile":               "makes it disabled unless asked, for 3600 seconds, with the default attribute mappings; asks for iam:PassRole on each role",
		"UpdateProfile":               "changes what is given; asks for iam:PassRole on each role given",
		"EnableProfile":               "asks for iam:PassRole on each role listed",
		"ImportCrl":                   "takes PEM and DER, disabled unless asked; the signature must be by a certificate of the anchor; at most 2 to an anchor",
		"UpdateCrl":                   "as ImportCrl, in the place of the list",
		"ListSubjects":                "shows one subject for each X.509 subject that was seen",
		"GetSubject":                  "shows the certificates that were seen, and whether the last attempt of each failed",
		"PutAttributeMapping":         "replaces the rules of the field; Name and Name/ become Name/*",
		"DeleteAttributeMapping":      "removes the named rules of the field, or all",
		"TagResource":                 "at most 50 tags to a thing",
		"CreateSession":               "verifies RSA and EC signatures, certificates, chains, lists, clock (5 minutes) and trust; ML-DSA answers 501; the session is sealed into its token, its record may reach the disk a second later",
		"CreateServiceLinkedRole":     "only for rolesanywhere.amazonaws.com",
		"DeleteServiceLinkedRole":     "fails while a trust anchor exists",
		"ListInstanceProfilesForRole": "answers truly that there are none",
		"ListGroupsForUser":           "answers truly that there are none",
		"ListUsers":                   "shows the administrator and the users that were made",
		"GetUser":                     "without a name, who calls",
		"GetPolicy":                   "knows the account's own policies and " + awsPolicyNames(),
		"ListPolicies":                "shows the account's own policies and those of AWS that the sandbox has",
		"AssumeRole":                  "a source identity sticks, and another is refused; transitive tags go on from role to role and need sts:TagSession there; an hour at most from role to role; from another account its own policies must allow it too, and both accounts have the event",
		"GetCallerIdentity":           "needs no permission",
		"LookupEvents":                "shows the last 200 events at once, AWS after minutes; by one key, by time, in pages",
		"PutObject":                   "takes up to 64 MiB, whole or in chunks (aws-chunked), whose signatures and trailers are checked; copies too; checks MD5, CRC32, CRC32C, CRC64NVME, SHA1 and SHA256",
		"PutBucketPolicy":             "the policy counts for whoever asks for the bucket or its objects; only the account of the bucket may read or change it",
	}
}

func evidenceOf(service, operation string) string {
	switch {
	case operation == createSession:
		return "user guide, CreateSession API and signing process; requests recorded from aws_signing_helper 1.8.0"
	case service == "rolesanywhere":
		return "service model 2018-05-10 (botocore 1.43.11)"
	case service == "iam":
		return "service model 2010-05-08, IAM API reference"
	case service == "sts":
		return "service model 2011-06-15, STS API reference"
	case service == "s3":
		return "S3 API reference; AWS CLI and boto3 work with it"
	}
	return "CloudTrail API reference; no CreateSession event was ever published, its fields are inferred"
}
