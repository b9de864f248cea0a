package sandbox

import "strings"

// managedPrefix begins the ARN of every AWS managed policy.
const managedPrefix = "arn:aws:iam::aws:policy/"

// awsPolicy is an AWS managed policy with its version of now. IDs and dates, which
// the sandbox does not know, are left out of answers.
func awsPolicy(name, version, description, document string) *managed {
	return &managed{Name: name, Path: "/", Description: description, Default: version, aws: true,
		Versions: []policyVersion{{ID: version, Document: document}}}
}

// awsPolicies are the AWS managed policies that the sandbox has.
// Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/<name>.html
func awsPolicies() []*managed {
	return []*managed{
		awsPolicy("AdministratorAccess", "v1", "Provides full access to AWS services and resources.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`),
		awsPolicy("AWSDenyAll", "v1", "Deny all access.",
			`{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}`),
		awsPolicy("PowerUserAccess", "v12", "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["account:GetAccountInformation","account:GetGovCloudAccountInformation","account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]}`),
		awsPolicy("AmazonS3ReadOnlyAccess", "v3", "Provides read only access to all buckets via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}`),
		awsPolicy("AmazonS3FullAccess", "v2", "Provides full access to all buckets via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]}`),
		awsPolicy("IAMReadOnlyAccess", "v4", "Provides read only access to IAM via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}`),
		awsPolicy("IAMFullAccess", "v2", "Provides full access to IAM via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents","organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies","organizations:ListTargetsForPolicy"],"Resource":"*"}]}`),
	}
}

func awsPolicyNames() string {
	var names []string
	for _, m := range awsPolicies() {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}
