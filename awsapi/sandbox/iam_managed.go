package sandbox

import (
	"strings"

	"anywhere/awsapi/policy"
)

// managed is an AWS managed policy.
type managed struct {
	name, version, description, document string
}

// managedPrefix begins the ARN of every AWS managed policy.
const managedPrefix = "arn:aws:iam::aws:policy/"

// managedPolicies are the AWS managed policies that the sandbox has.
// Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/<name>.html
func managedPolicies() []managed {
	return []managed{
		{"AdministratorAccess", "v1", "Provides full access to AWS services and resources.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`},
		{"AWSDenyAll", "v1", "Deny all access.",
			`{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}`},
		{"PowerUserAccess", "v12", "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["account:GetAccountInformation","account:GetGovCloudAccountInformation","account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]}`},
		{"AmazonS3ReadOnlyAccess", "v3", "Provides read only access to all buckets via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}`},
		{"AmazonS3FullAccess", "v2", "Provides full access to all buckets via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]}`},
		{"IAMReadOnlyAccess", "v4", "Provides read only access to IAM via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}`},
	}
}

func managedByARN(arn string) (managed, bool) {
	name, ok := strings.CutPrefix(arn, managedPrefix)
	for _, m := range managedPolicies() {
		if ok && m.name == name {
			return m, true
		}
	}
	return managed{}, false
}

// managedDocuments are the documents of managed policies by ARN. One that the
// sandbox does not have allows nothing.
func managedDocuments(arns ...string) []policy.Document {
	out := []policy.Document{}
	for _, a := range arns {
		m, _ := managedByARN(a)
		out = append(out, documents(m.document)...)
	}
	return out
}

// attachable refuses a managed policy that is not here. AWS has more of its own
// than the sandbox, so their absence is not AWS's NoSuchEntity.
func attachable(arn string) *refusal {
	if _, ok := managedByARN(arn); ok {
		return nil
	}
	if name, ok := strings.CutPrefix(arn, managedPrefix); ok {
		var have []string
		for _, m := range managedPolicies() {
			have = append(have, m.name)
		}
		return notHere("AWS managed policy " + name + "; it has " + strings.Join(have, ", "))
	}
	return noEntity("Policy %s does not exist or is not attachable.", arn)
}

func policyARN(c *call) string { return c.form.Get("PolicyArn") }

func (c *call) wantedManaged() (managed, *refusal) {
	arn := c.form.Get("PolicyArn")
	if m, ok := managedByARN(arn); ok {
		return m, nil
	}
	if strings.HasPrefix(arn, managedPrefix) {
		return managed{}, attachable(arn)
	}
	return managed{}, noEntity("Policy %s was not found.", arn)
}

// getPolicy leaves out what it does not know: ID and dates.
func getPolicy(c *call) (any, *refusal) {
	m, no := c.wantedManaged()
	if no != nil {
		return nil, no
	}
	used := 0
	for _, r := range c.state.Roles {
		for _, a := range r.Attached {
			if a == managedPrefix+m.name {
				used++
			}
		}
	}
	return policyAnswer{policyXML{
		Name: m.name, ARN: managedPrefix + m.name, Path: "/", Version: m.version, Attached: used, Attachable: true, Description: m.description,
	}}, nil
}

func getPolicyVersion(c *call) (any, *refusal) {
	m, no := c.wantedManaged()
	if no != nil {
		return nil, no
	}
	if v := c.form.Get("VersionId"); v != m.version {
		return nil, noEntity("Policy %s version %s does not exist or is not attachable.", managedPrefix+m.name, v)
	}
	return policyVersionAnswer{policyVersionXML{encode(m.document), m.version, true}}, nil
}
