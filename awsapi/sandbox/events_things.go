package sandbox

import (
	"slices"
	"strings"
)

// concerned are the things that an event is about, by which LookupEvents finds
// it as ResourceName and ResourceType.
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-supported-resource-types.html
func (c *call) concerned() []eventResource {
	var out []eventResource
	add := func(kind, name string) {
		one := eventResource{kind, name}
		if name != "" && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	given := func(name string) string { s, _ := c.input[name].(string); return s }
	switch c.service.name {
	case "iam":
		add("AWS::IAM::Role", given("roleName"))
		add("AWS::IAM::User", given("userName"))
		add("AWS::IAM::Policy", given("policyArn"))
		add("AWS::IAM::AccessKey", given("accessKeyId"))
	case "sts":
		add("AWS::IAM::Role", given("roleArn"))
		if c.issued != nil {
			add("AWS::IAM::AccessKey", c.issued.AccessKeyID)
			add("AWS::STS::AssumedRole", c.issued.Name)
		}
	case "s3":
		add("AWS::S3::Bucket", given("bucketName"))
	case "rolesanywhere":
		for _, arn := range append([]string{given("resourceArn"), given("trustAnchorArn"), given("profileArn"), given("roleArn")}, c.madeARN()) {
			add(kindOf(arn), arn)
		}
		add("AWS::RolesAnywhere::TrustAnchor", c.named("trust-anchor", given("trustAnchorId")))
		add("AWS::RolesAnywhere::Profile", c.named("profile", given("profileId")))
		add("AWS::RolesAnywhere::CRL", c.named("crl", given("crlId")))
		add("AWS::RolesAnywhere::Subject", c.named("subject", given("subjectId")))
	}
	return out
}

func (c *call) named(kind, id string) string {
	if id == "" {
		return ""
	}
	return c.arn("rolesanywhere", c.region, kind+"/"+id)
}

// madeARN is the ARN of what the call answers with.
func (c *call) madeARN() string {
	switch out := c.output.(type) {
	case map[string]anchorDetail:
		return out["trustAnchor"].TrustAnchorARN
	case map[string]profileDetail:
		return out["profile"].ProfileARN
	case map[string]crlDetail:
		return out["crl"].CRLARN
	}
	return ""
}

// kindOf is the resource type of an ARN.
func kindOf(arn string) string {
	for part, kind := range map[string]string{":trust-anchor/": "TrustAnchor", ":profile/": "Profile", ":crl/": "CRL", ":subject/": "Subject"} {
		if strings.Contains(arn, part) {
			return "AWS::RolesAnywhere::" + kind
		}
	}
	if strings.Contains(arn, ":role/") {
		return "AWS::IAM::Role"
	}
	return "AWS::RolesAnywhere::Resource"
}
