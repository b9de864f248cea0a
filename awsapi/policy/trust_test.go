package policy

import (
	"slices"
	"testing"
)

const (
	account = "111122223333"
	anchorA = "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/a"
	anchorB = "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/b"
)

func TestTheTrustPolicyReadsAsItShould(t *testing.T) {
	for _, restrict := range Restrictions() {
		d := TrustPolicy(TrustSpec{Sid: Sid("0123456789abcdef"), AnchorARN: anchorA, Account: account, Restrict: restrict, Value: "host-01"})
		sameAsGolden(t, "trust-"+string(restrict), d.JSON())
		if err := CheckTrust(d); err != nil {
			t.Errorf("%s: %v", restrict, err)
		}
	}
}

func TestTheTrustPolicyLetsInOneNameOfOneAnchorOfOneAccount(t *testing.T) {
	certificate := func(anchor, account, cn string) Context {
		return Context{"aws:SourceArn": is(anchor), "aws:SourceAccount": is(account), "aws:PrincipalTag/x509Subject/CN": is(cn)}
	}
	tests := map[string]struct {
		value   string
		service string
		context Context
		want    bool
	}{
		"the certificate itself":                      {"host-01", Service, certificate(anchorA, account, "host-01"), true},
		"another name":                                {"host-01", Service, certificate(anchorA, account, "host-02"), false},
		"the name in another case":                    {"host-01", Service, certificate(anchorA, account, "HOST-01"), false},
		"a name that was dropped":                     {"host-01", Service, Context{"aws:SourceArn": is(anchorA), "aws:SourceAccount": is(account)}, false},
		"another anchor":                              {"host-01", Service, certificate(anchorB, account, "host-01"), false},
		"another account":                             {"host-01", Service, certificate(anchorA, "444455556666", "host-01"), false},
		"another service":                             {"host-01", "ec2.amazonaws.com", certificate(anchorA, account, "host-01"), false},
		"an asterisk in the name is no pattern":       {"host-*", Service, certificate(anchorA, account, "host-01"), false},
		"a variable in the name is no variable":       {"${aws:SourceAccount}", Service, certificate(anchorA, account, account), false},
		"a name that looks like a variable, verbatim": {"${aws:SourceAccount}", Service, certificate(anchorA, account, "${aws:SourceAccount}"), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := TrustPolicy(TrustSpec{Sid: "Anywhere01234567", AnchorARN: anchorA, Account: account, Restrict: ByCN, Value: tt.value})
			for _, action := range TrustActions() {
				got := Evaluate(Request{Principal: Principal{Service: tt.service}, Action: action, Context: tt.context}, d)
				if got.Allowed != tt.want {
					t.Errorf("%s: got %v (%s), want %v", action, got.Allowed, got.Reason, tt.want)
				}
			}
		})
	}
}

func TestDangerIsSeen(t *testing.T) {
	tests := map[string]struct {
		statement string
		want      bool
	}{
		"every action":                 {`"Action": "*", "Resource": "*"`, true},
		"every action, spelled out":    {`"Action": "*:*", "Resource": "*"`, true},
		"every action on one bucket":   {`"Action": ["s3:Get*", "*"], "Resource": "arn:aws:s3:::b"`, true},
		"all of IAM":                   {`"Action": "iam:*", "Resource": "*"`, true},
		"all of IAM in capitals":       {`"Action": "IAM:*", "Resource": "*"`, true},
		"a pattern over an escalation": {`"Action": "iam:Put*", "Resource": "*"`, true},
		"everything but something":     {`"NotAction": "s3:*", "Resource": "*"`, true},
		"any role":                     {`"Action": "sts:AssumeRole", "Resource": "*"`, true},
		"any role by a pattern":        {`"Action": "sts:*", "Resource": "arn:aws:iam::*:role/*"`, true},
		"any role by leaving out one":  {`"Action": "sts:AssumeRole", "NotResource": "arn:aws:iam::111122223333:role/x"`, true},
		"one role":                     {`"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/x"`, false},
		"reading IAM":                  {`"Action": ["iam:Get*", "iam:List*"], "Resource": "*"`, false},
		"one service":                  {`"Action": "s3:*", "Resource": "*"`, false},
		"list buckets":                 {`"Action": "s3:ListAllMyBuckets", "Resource": "*"`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			reason, got := Dangerous(parse(t, `{"Statement": {"Effect": "Allow", `+tt.statement+`}}`))
			if got != tt.want || (reason != "") != tt.want {
				t.Errorf("got %v (%q), want %v", got, reason, tt.want)
			}
			if _, denied := Dangerous(parse(t, `{"Statement": {"Effect": "Deny", `+tt.statement+`}}`)); denied {
				t.Errorf("a Deny was called dangerous")
			}
		})
	}
}

func TestANewAnchorOpensOnlyRolesThatNameNoOther(t *testing.T) {
	const trust = `"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]`
	tests := map[string]struct {
		statement   string
		open, names bool
	}{
		"no condition":                 {trust, true, false},
		"a condition on the name only": {trust + `, "Condition": {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "x"}}`, true, false},
		"another anchor":               {trust + `, "Condition": {"ArnEquals": {"aws:SourceArn": "` + anchorA + `"}}`, false, false},
		"this anchor":                  {trust + `, "Condition": {"ArnEquals": {"aws:SourceArn": ["` + anchorA + `", "` + anchorB + `"]}}`, true, true},
		"every anchor of the account":  {trust + `, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:rolesanywhere:*:111122223333:trust-anchor/*"}}`, true, true},
		"another account":              {trust + `, "Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}`, false, false},
		"this account":                 {trust + `, "Condition": {"StringEquals": {"AWS:sourceaccount": "111122223333"}}`, true, false},
		"all but another anchor":       {trust + `, "Condition": {"ArnNotEquals": {"aws:SourceArn": "` + anchorA + `"}}`, true, false},
		"another service":              {`"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"`, false, false},
		"everybody":                    {`"Effect": "Allow", "Principal": "*", "Action": "sts:*"`, true, false},
		"another action":               {`"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"}, "Action": "sts:TagSession"`, false, false},
		"a Deny":                       {`"Effect": "Deny", "Principal": {"Service": "rolesanywhere.amazonaws.com"}, "Action": "sts:AssumeRole"`, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := parse(t, `{"Version": "2012-10-17", "Statement": [{`+tt.statement+`}]}`)
			why, open := OpenTo(d, anchorB)
			if open != tt.open || (why != "") != tt.open {
				t.Errorf("open: got %v (%q), want %v", open, why, tt.open)
			}
			if got := NamesAnchor(d, anchorB); got != tt.names {
				t.Errorf("names it: got %v, want %v", got, tt.names)
			}
		})
	}
}

func TestTheLeastPoliciesReadAsTheyShould(t *testing.T) {
	for _, purpose := range Purposes() {
		d, err := Least(purpose, account, "us-east-1", "aws")
		if err != nil {
			t.Fatal(err)
		}
		sameAsGolden(t, "least-"+string(purpose), d.JSON())
		if err := CheckIdentity(d); err != nil {
			t.Errorf("%s: %v", purpose, err)
		}
		if _, err := Parse([]byte(d.JSON())); err != nil {
			t.Errorf("%s: %v", purpose, err)
		}
	}
	if _, err := Least("everything", account, "us-east-1", "aws"); err == nil {
		t.Errorf("got no error for a purpose that is none")
	}
}

// What a purpose does not need must not slip in, and what a set-up makes must be
// in reach.
func TestTheLeastPoliciesAreNotWide(t *testing.T) {
	writes := is("iam:CreateUser", "iam:PutUserPolicy", "iam:CreatePolicyVersion", "s3:DeleteBucket", "ec2:RunInstances")
	for _, purpose := range Purposes() {
		d, _ := Least(purpose, account, "us-east-1", "aws")
		for _, action := range writes {
			if got := Evaluate(Request{Action: action, Resource: "*"}, d); got.Allowed {
				t.Errorf("%s: %s", purpose, got.Reason)
			}
		}
		foreign := Request{Action: "iam:DeleteRole", Resource: "arn:aws:iam::111122223333:role/admin"}
		if got := Evaluate(foreign, d); got.Allowed {
			t.Errorf("%s: %s", purpose, got.Reason)
		}
		if purpose == ForDoctor {
			continue
		}
		ours := Request{Action: "iam:GetRole", Resource: "arn:aws:iam::111122223333:role/team/anywhere-lab-01234567"}
		if got := Evaluate(ours, d); !got.Allowed {
			t.Errorf("%s: %s", purpose, got.Reason)
		}
	}
}

func TestEveryRestrictionButTheCAHasATag(t *testing.T) {
	for _, restrict := range Restrictions() {
		tag, field, specifier := restrict.Tag()
		if got, want := tag != "" && field != "" && specifier != "", restrict != ByCA; got != want {
			t.Errorf("%s: got %q %q %q", restrict, tag, field, specifier)
		}
	}
	if !slices.Contains(Restrictions(), ByCN) || Restrictions()[0] != ByCN {
		t.Errorf("got %v, want the default cn first", Restrictions())
	}
}
