package policy

import (
	"strings"
	"testing"
)

const (
	resourcePage   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"
	actionPage     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html"
	principalPage  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
	evaluationPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
)

func parse(t *testing.T, text string) Document {
	t.Helper()
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return d
}

func TestResourcesMatchAsIAMSays(t *testing.T) {
	tests := map[string]struct {
		pattern, resource string
		want              bool
	}{
		"an asterisk covers slashes":                      {"arn:aws:s3:::amzn-s3-demo-bucket/*/test/*", "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test/3/object.jpg", true},
		"an asterisk covers nothing at all":               {"arn:aws:s3:::amzn-s3-demo-bucket/*/test/*", "arn:aws:s3:::amzn-s3-demo-bucket//test/object.jpg", true},
		"both slashes must be there":                      {"arn:aws:s3:::amzn-s3-demo-bucket/*/test/*", "arn:aws:s3:::amzn-s3-demo-bucket/test/object.jpg", false},
		"and the word between them whole":                 {"arn:aws:s3:::amzn-s3-demo-bucket/*/test/*", "arn:aws:s3:::amzn-s3-demo-bucket/1-test/object.jpg", false},
		"all users of a path":                             {"arn:aws:iam::111122223333:user/accounting/*", "arn:aws:iam::111122223333:user/accounting/ops1", true},
		"a user name's case matters":                      {"arn:aws:iam::111122223333:user/Ops1", "arn:aws:iam::111122223333:user/ops1", false},
		"an asterisk alone covers all":                    {"*", "arn:aws:iam::111122223333:user/ops1", true},
		"an asterisk at a segment's end runs past colons": {"arn:aws:sqs:*:queue1", "arn:aws:sqs:us-east-2:111122223333:queue1", true},
		"one within a segment does not":                   {"arn:aws:sqs:us*2:111122223333:q", "arn:aws:sqs:us:2:111122223333:q", false},
		"a question mark is one character":                {"arn:aws:s3:::bucket?", "arn:aws:s3:::bucket12", false},
		"a question mark is no colon":                     {"arn:aws:s3:?:111122223333:b", "arn:aws:s3:::111122223333:b", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := plain(tt.pattern).asResource().matches(tt.resource); got != tt.want {
				t.Errorf("%s on %s: got %v, want %v\nsource: %s", tt.pattern, tt.resource, got, tt.want, resourcePage)
			}
		})
	}
}

func TestActionsMatchAsIAMSays(t *testing.T) {
	tests := map[string]struct {
		pattern, action string
		want            bool
	}{
		"case does not matter":          {"IAM:listaccesskeys", "iam:ListAccessKeys", true},
		"a wildcard in the middle":      {"iam:*AccessKey*", "iam:UpdateAccessKey", true},
		"a wildcard for a service":      {"sqs:*", "sqs:SendMessage", true},
		"another service":               {"sqs:*", "sns:Publish", false},
		"a question mark is one letter": {"s3:Get?", "s3:Get", false},
		"no wildcard, no partial match": {"s3:Get", "s3:GetObject", false},
		"everything":                    {"*", "s3:GetObject", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := actionMatches(tt.pattern, tt.action); got != tt.want {
				t.Errorf("%s on %s: got %v, want %v\nsource: %s", tt.pattern, tt.action, got, tt.want, actionPage)
			}
		})
	}
}

func TestPrincipalsMatchAsIAMSays(t *testing.T) {
	session := Principal{ARN: "arn:aws:sts::111122223333:assumed-role/lab/s1", Role: "arn:aws:iam::111122223333:role/lab", Account: "111122223333"}
	service := Principal{Service: Service}
	tests := map[string]struct {
		principal string
		who       Principal
		want      bool
	}{
		"everybody includes a service":             {`"*"`, service, true},
		"everybody, written as AWS":                {`{"AWS": "*"}`, session, true},
		"the service":                              {`{"Service": ["ec2.amazonaws.com", "rolesanywhere.amazonaws.com"]}`, service, true},
		"another service":                          {`{"Service": "ec2.amazonaws.com"}`, service, false},
		"a service is no account's":                {`{"AWS": "111122223333"}`, service, false},
		"an account by its number":                 {`{"AWS": "111122223333"}`, session, true},
		"an account by its root":                   {`{"AWS": "arn:aws:iam::111122223333:root"}`, session, true},
		"another account":                          {`{"AWS": "arn:aws:iam::444455556666:root"}`, session, false},
		"the role of a session":                    {`{"AWS": "arn:aws:iam::111122223333:role/lab"}`, session, true},
		"the session itself":                       {`{"AWS": "arn:aws:sts::111122223333:assumed-role/lab/s1"}`, session, true},
		"another session of the role":              {`{"AWS": "arn:aws:sts::111122223333:assumed-role/lab/s2"}`, session, false},
		"part of a name by wildcard never matches": {`{"AWS": "arn:aws:iam::111122223333:role/*"}`, session, false},
		"an identity provider":                     {`{"Federated": "accounts.google.com"}`, Principal{Federated: "accounts.google.com"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := parse(t, `{"Statement": {"Effect": "Allow", "Principal": `+tt.principal+`, "Action": "sts:AssumeRole"}}`)
			if got := Evaluate(Request{Principal: tt.who, Action: "sts:AssumeRole"}, d); got.Allowed != tt.want {
				t.Errorf("got %v (%s), want %v\nsource: %s", got.Allowed, got.Reason, tt.want, principalPage)
			}
		})
	}
}

func TestADecisionNamesItsReason(t *testing.T) {
	const bucket = "arn:aws:s3:::b"
	tests := map[string]struct {
		documents []string
		request   Request
		allowed   bool
		explicit  bool
		reason    string
	}{
		"nothing allows it": {
			[]string{`{"Statement": {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}}`},
			Request{Action: "iam:ListUsers", Resource: "*"}, false, false,
			"no statement allows iam:ListUsers",
		},
		"a statement allows it": {
			[]string{`{"Statement": [{"Sid": "List", "Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}`},
			Request{Action: "s3:ListAllMyBuckets", Resource: "*"}, true, false,
			"statement 1 (List) allows s3:ListAllMyBuckets",
		},
		"a Deny in another document beats it": {
			[]string{
				`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`,
				`{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}}`,
			},
			Request{Action: "s3:ListBucket", Resource: bucket}, false, true,
			"statement 1 of document 2 denies s3:ListBucket on arn:aws:s3:::b",
		},
		"a Deny whose condition does not hold does not": {
			[]string{`{"Statement": [
				{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": false}}},
				{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`},
			Request{Action: "s3:ListBucket", Resource: bucket, Context: Context{"aws:SecureTransport": is("true")}}, true, false,
			"statement 2 allows s3:ListBucket on arn:aws:s3:::b",
		},
		"NotAction leaves out what it names": {
			[]string{`{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}`},
			Request{Action: "iam:ListUsers", Resource: "*"}, false, false,
			"no statement allows iam:ListUsers",
		},
		"NotAction covers the rest": {
			[]string{`{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}`},
			Request{Action: "s3:ListBucket", Resource: bucket}, true, false,
			"statement 1 allows s3:ListBucket on arn:aws:s3:::b",
		},
		"NotResource leaves out what it names": {
			[]string{`{"Statement": {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b"}}`},
			Request{Action: "s3:ListBucket", Resource: bucket}, false, false,
			"no statement allows s3:ListBucket on arn:aws:s3:::b: statement 1 wants NotResource arn:aws:s3:::b; it is arn:aws:s3:::b",
		},
		"NotPrincipal leaves out whom it names": {
			[]string{`{"Statement": [
				{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
				{"Effect": "Deny", "NotPrincipal": {"AWS": "444455556666"}, "Action": "s3:*", "Resource": "*"}]}`},
			Request{Principal: Principal{ARN: "arn:aws:iam::444455556666:user/a", Account: "444455556666"}, Action: "s3:ListBucket", Resource: bucket}, true, false,
			"statement 1 allows s3:ListBucket on arn:aws:s3:::b",
		},
		"the condition that failed is named with both values": {
			[]string{`{"Statement": {"Sid": "T", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "rolesanywhere.amazonaws.com"},
				"Condition": {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "host-01"}}}}`},
			Request{Principal: Principal{Service: Service}, Action: "sts:AssumeRole", Context: Context{"aws:PrincipalTag/x509Subject/CN": is("host-02")}}, false, false,
			"no statement allows sts:AssumeRole: statement 1 (T) wants StringEquals aws:PrincipalTag/x509Subject/CN host-01; it is host-02",
		},
		"a key that is missing is called absent": {
			[]string{`{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*",
				"Condition": {"StringEquals": {"aws:PrincipalTag/x509SAN/URI": "spiffe://a/b"}}}}`},
			Request{Principal: Principal{Service: Service}, Action: "sts:AssumeRole"}, false, false,
			"no statement allows sts:AssumeRole: statement 1 wants StringEquals aws:PrincipalTag/x509SAN/URI spiffe://a/b; it is absent",
		},
		"no document allows nothing": {nil, Request{Action: "s3:ListBucket", Resource: bucket}, false, false,
			"no statement allows s3:ListBucket on arn:aws:s3:::b"},
		"a resource with a variable that has no value matches nothing": {
			[]string{`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}}`},
			Request{Action: "s3:ListBucket", Resource: bucket}, false, false,
			"no statement allows s3:ListBucket on arn:aws:s3:::b: statement 1 wants Resource arn:aws:s3:::${aws:username}; it is arn:aws:s3:::b",
		},
		"a resource with a variable": {
			[]string{`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}}`},
			Request{Action: "s3:ListBucket", Resource: bucket, Context: Context{"aws:username": is("b")}}, true, false,
			"statement 1 allows s3:ListBucket on arn:aws:s3:::b",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var docs []Document
			for _, text := range tt.documents {
				docs = append(docs, parse(t, text))
			}
			got := Evaluate(tt.request, docs...)
			if got.Allowed != tt.allowed || got.Explicit != tt.explicit || got.Reason != tt.reason {
				t.Errorf("got  %v %v %q\nwant %v %v %q\nsource: %s", got.Allowed, got.Explicit, got.Reason, tt.allowed, tt.explicit, tt.reason, evaluationPage)
			}
		})
	}
}

func TestEveryConditionThatFailsIsMissed(t *testing.T) {
	d := TrustPolicy(TrustSpec{Sid: "Anywhere01234567", AnchorARN: "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/a",
		Account: "111122223333", Restrict: ByCN, Value: "host-01"})
	got := Evaluate(Request{Principal: Principal{Service: Service}, Action: "sts:AssumeRole", Context: Context{
		"aws:SourceArn":                   is("arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/b"),
		"aws:SourceAccount":               is("111122223333"),
		"aws:PrincipalTag/x509Subject/CN": is("host-02"),
	}}, d)
	var keys []string
	for _, miss := range got.Missed {
		keys = append(keys, miss.Key)
	}
	if want := "aws:SourceArn aws:PrincipalTag/x509Subject/CN"; strings.Join(keys, " ") != want {
		t.Errorf("got %q, want %q", keys, want)
	}
}

func TestEveryLayerMustAllow(t *testing.T) {
	all := []Document{parse(t, `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`)}
	list := []Document{parse(t, `{"Statement": {"Sid": "L", "Effect": "Allow", "Action": "s3:List*", "Resource": "*"}}`)}
	tests := map[string]struct {
		action string
		layers [][]Document
		want   bool
	}{
		"both allow":                        {"s3:ListBucket", [][]Document{all, list}, true},
		"the second does not":               {"s3:GetObject", [][]Document{all, list}, false},
		"the first does not":                {"s3:GetObject", [][]Document{list, all}, false},
		"a layer without documents is open": {"s3:GetObject", [][]Document{all, nil}, true},
		"no layer at all allows nothing":    {"s3:GetObject", nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Within(Request{Action: tt.action, Resource: "*"}, tt.layers...); got.Allowed != tt.want {
				t.Errorf("got %v (%s), want %v", got.Allowed, got.Reason, tt.want)
			}
		})
	}
}
