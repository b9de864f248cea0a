package awsapi

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// Role implements [RoleReader].
func (c *Client) Role(ctx context.Context, name string) (Role, error) {
	out, err := c.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
	if err != nil {
		return Role{}, asked(err, "iam", "GetRole", name)
	}
	return roleOf(out.Role), nil
}

// Roles implements [RoleReader].
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	var list []Role
	pages := iam.NewListRolesPaginator(c.iam(), &iam.ListRolesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "iam", "ListRoles", "")
		}
		for i := range page.Roles {
			list = append(list, roleOf(&page.Roles[i]))
		}
	}
	return list, nil
}

// InstanceProfiles implements [RoleReader].
func (c *Client) InstanceProfiles(ctx context.Context, name string) ([]string, error) {
	var list []string
	pages := iam.NewListInstanceProfilesForRolePaginator(c.iam(), &iam.ListInstanceProfilesForRoleInput{RoleName: aws.String(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "iam", "ListInstanceProfilesForRole", name)
		}
		for _, p := range page.InstanceProfiles {
			list = append(list, aws.ToString(p.InstanceProfileName))
		}
	}
	return list, nil
}

// CreateRole implements [RoleWriter].
func (c *Client) CreateRole(ctx context.Context, spec RoleSpec) (Role, error) {
	in := &iam.CreateRoleInput{
		RoleName:                 aws.String(spec.Name),
		AssumeRolePolicyDocument: aws.String(spec.TrustPolicy),
		Path:                     unlessEmpty(spec.Path),
		Description:              unlessEmpty(spec.Description),
		PermissionsBoundary:      unlessEmpty(spec.PermissionsBoundary),
		Tags:                     roleTags(spec.Tags),
	}
	if spec.MaxSessionDuration > 0 {
		in.MaxSessionDuration = aws.Int32(int32(spec.MaxSessionDuration))
	}
	out, err := c.iam().CreateRole(ctx, in, func(o *iam.Options) { o.Retryer = onceRetryer(c.options) })
	if err != nil {
		return Role{}, asked(err, "iam", "CreateRole", spec.Name)
	}
	role := roleOf(out.Role)
	// The answer leaves out what was asked for.
	role.Tags, role.PermissionsBoundary = spec.Tags, spec.PermissionsBoundary
	return role, nil
}

// UpdateTrustPolicy implements [RoleWriter].
func (c *Client) UpdateTrustPolicy(ctx context.Context, name, document string) error {
	_, err := c.iam().UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
		RoleName: aws.String(name), PolicyDocument: aws.String(document),
	})
	return asked(err, "iam", "UpdateAssumeRolePolicy", name)
}

// UpdateMaxSession implements [RoleWriter].
func (c *Client) UpdateMaxSession(ctx context.Context, name string, seconds int) error {
	_, err := c.iam().UpdateRole(ctx, &iam.UpdateRoleInput{
		RoleName: aws.String(name), MaxSessionDuration: aws.Int32(int32(seconds)),
	})
	return asked(err, "iam", "UpdateRole", name)
}

// DeleteRole implements [RoleWriter].
func (c *Client) DeleteRole(ctx context.Context, name string) error {
	_, err := c.iam().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(name)})
	return asked(err, "iam", "DeleteRole", name)
}

func roleOf(r *types.Role) Role {
	if r == nil {
		return Role{}
	}
	role := Role{
		ARN: aws.ToString(r.Arn), Name: aws.ToString(r.RoleName), Path: aws.ToString(r.Path), ID: aws.ToString(r.RoleId),
		TrustPolicy:        documentText(r.AssumeRolePolicyDocument),
		MaxSessionDuration: int(aws.ToInt32(r.MaxSessionDuration)),
		CreatedAt:          aws.ToTime(r.CreateDate),
		Tags:               map[string]string{},
	}
	if r.PermissionsBoundary != nil {
		role.PermissionsBoundary = aws.ToString(r.PermissionsBoundary.PermissionsBoundaryArn)
	}
	if r.RoleLastUsed != nil {
		role.LastUsed = aws.ToTime(r.RoleLastUsed.LastUsedDate)
	}
	for _, tag := range r.Tags {
		role.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return role
}

// documentText undoes the percent-encoding in which IAM returns documents. Not
// every emulator encodes them, and no JSON document begins with a percent sign.
//
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
func documentText(encoded *string) string {
	text := aws.ToString(encoded)
	if len(text) == 0 || text[0] != '%' {
		return text
	}
	if decoded, err := url.PathUnescape(text); err == nil {
		return decoded
	}
	return text
}

func unlessEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return aws.String(s)
}
