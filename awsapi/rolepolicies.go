package awsapi

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// InlinePolicies implements [RoleReader].
func (c *Client) InlinePolicies(ctx context.Context, name string) (map[string]string, error) {
	documents := map[string]string{}
	pages := iam.NewListRolePoliciesPaginator(c.iam(), &iam.ListRolePoliciesInput{RoleName: aws.String(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "iam", "ListRolePolicies", name)
		}
		for _, policy := range page.PolicyNames {
			out, err := c.iam().GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String(policy)})
			if err != nil {
				return nil, asked(err, "iam", "GetRolePolicy", name+" "+policy)
			}
			documents[policy] = documentText(out.PolicyDocument)
		}
	}
	return documents, nil
}

// AttachedPolicies implements [RoleReader].
func (c *Client) AttachedPolicies(ctx context.Context, name string) ([]string, error) {
	var list []string
	pages := iam.NewListAttachedRolePoliciesPaginator(c.iam(), &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "iam", "ListAttachedRolePolicies", name)
		}
		for _, policy := range page.AttachedPolicies {
			list = append(list, aws.ToString(policy.PolicyArn))
		}
	}
	return list, nil
}

// ManagedPolicy implements [RoleReader].
func (c *Client) ManagedPolicy(ctx context.Context, arn string) (string, error) {
	policy, err := c.iam().GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(arn)})
	if err != nil {
		return "", asked(err, "iam", "GetPolicy", arn)
	}
	if policy.Policy == nil {
		return "", fmt.Errorf("iam:GetPolicy %s: the answer holds no policy", arn)
	}
	version, err := c.iam().GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
		PolicyArn: aws.String(arn), VersionId: policy.Policy.DefaultVersionId,
	})
	if err != nil {
		return "", asked(err, "iam", "GetPolicyVersion", arn)
	}
	if version.PolicyVersion == nil {
		return "", fmt.Errorf("iam:GetPolicyVersion %s: the answer holds no document", arn)
	}
	return documentText(version.PolicyVersion.Document), nil
}

// PutRolePolicy implements [RoleWriter].
func (c *Client) PutRolePolicy(ctx context.Context, name, policy, document string) error {
	_, err := c.iam().PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String(name), PolicyName: aws.String(policy), PolicyDocument: aws.String(document),
	})
	return asked(err, "iam", "PutRolePolicy", name+" "+policy)
}

// DeleteRolePolicy implements [RoleWriter].
func (c *Client) DeleteRolePolicy(ctx context.Context, name, policy string) error {
	_, err := c.iam().DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String(policy)})
	return asked(err, "iam", "DeleteRolePolicy", name+" "+policy)
}

// AttachRolePolicy implements [RoleWriter].
func (c *Client) AttachRolePolicy(ctx context.Context, name, policyARN string) error {
	_, err := c.iam().AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String(name), PolicyArn: aws.String(policyARN)})
	return asked(err, "iam", "AttachRolePolicy", name+" "+policyARN)
}

// DetachRolePolicy implements [RoleWriter].
func (c *Client) DetachRolePolicy(ctx context.Context, name, policyARN string) error {
	_, err := c.iam().DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: aws.String(name), PolicyArn: aws.String(policyARN)})
	return asked(err, "iam", "DetachRolePolicy", name+" "+policyARN)
}
