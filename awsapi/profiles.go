package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere/types"
)

// Profiles implements [ProfileReader].
func (c *Client) Profiles(ctx context.Context) ([]Profile, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return nil, err
	}
	var list []Profile
	pages := rolesanywhere.NewListProfilesPaginator(client, &rolesanywhere.ListProfilesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "rolesanywhere", "ListProfiles", "")
		}
		for i := range page.Profiles {
			list = append(list, profileOf(&page.Profiles[i]))
		}
	}
	return list, nil
}

// Profile implements [ProfileReader].
func (c *Client) Profile(ctx context.Context, id string) (Profile, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return Profile{}, err
	}
	out, err := client.GetProfile(ctx, &rolesanywhere.GetProfileInput{ProfileId: aws.String(idOf(id))})
	if err != nil {
		return Profile{}, asked(err, "rolesanywhere", "GetProfile", id)
	}
	return profileOf(out.Profile), nil
}

// CreateProfile implements [ProfileWriter].
func (c *Client) CreateProfile(ctx context.Context, spec ProfileSpec) (Profile, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return Profile{}, err
	}
	in := &rolesanywhere.CreateProfileInput{
		Name:                  aws.String(spec.Name),
		RoleArns:              append([]string{}, spec.RoleARNs...),
		ManagedPolicyArns:     spec.ManagedPolicyARNs,
		AcceptRoleSessionName: aws.Bool(spec.AcceptRoleSessionName),
		Enabled:               aws.Bool(spec.Enabled),
		Tags:                  anywhereTags(spec.Tags),
	}
	if spec.DurationSeconds > 0 {
		in.DurationSeconds = aws.Int32(int32(spec.DurationSeconds))
	}
	if spec.SessionPolicy != "" {
		in.SessionPolicy = aws.String(spec.SessionPolicy)
	}
	out, err := client.CreateProfile(ctx, in, func(o *rolesanywhere.Options) { o.Retryer = onceRetryer(c.options) })
	if err != nil {
		return Profile{}, asked(err, "rolesanywhere", "CreateProfile", spec.Name)
	}
	return profileOf(out.Profile), nil
}

// UpdateProfileRoles implements [ProfileWriter].
func (c *Client) UpdateProfileRoles(ctx context.Context, id string, roleARNs []string) (Profile, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return Profile{}, err
	}
	out, err := client.UpdateProfile(ctx, &rolesanywhere.UpdateProfileInput{
		ProfileId: aws.String(idOf(id)), RoleArns: append([]string{}, roleARNs...),
	})
	if err != nil {
		return Profile{}, asked(err, "rolesanywhere", "UpdateProfile", id)
	}
	return profileOf(out.Profile), nil
}

// PutAttributeMapping implements [ProfileWriter].
func (c *Client) PutAttributeMapping(ctx context.Context, id string, mapping AttributeMapping) (Profile, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return Profile{}, err
	}
	rules := []types.MappingRule{}
	for _, specifier := range mapping.Specifiers {
		rules = append(rules, types.MappingRule{Specifier: aws.String(specifier)})
	}
	out, err := client.PutAttributeMapping(ctx, &rolesanywhere.PutAttributeMappingInput{
		ProfileId: aws.String(idOf(id)), CertificateField: types.CertificateField(mapping.Field), MappingRules: rules,
	})
	if err != nil {
		return Profile{}, asked(err, "rolesanywhere", "PutAttributeMapping", id)
	}
	return profileOf(out.Profile), nil
}

// EnableProfile implements [ProfileWriter].
func (c *Client) EnableProfile(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.EnableProfile(ctx, &rolesanywhere.EnableProfileInput{ProfileId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "EnableProfile", id)
}

// DisableProfile implements [ProfileWriter].
func (c *Client) DisableProfile(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.DisableProfile(ctx, &rolesanywhere.DisableProfileInput{ProfileId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "DisableProfile", id)
}

// DeleteProfile implements [ProfileWriter].
func (c *Client) DeleteProfile(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.DeleteProfile(ctx, &rolesanywhere.DeleteProfileInput{ProfileId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "DeleteProfile", id)
}

func profileOf(d *types.ProfileDetail) Profile {
	if d == nil {
		return Profile{}
	}
	p := Profile{
		ARN: aws.ToString(d.ProfileArn), ID: aws.ToString(d.ProfileId), Name: aws.ToString(d.Name),
		Enabled:               aws.ToBool(d.Enabled),
		RoleARNs:              d.RoleArns,
		DurationSeconds:       int(aws.ToInt32(d.DurationSeconds)),
		SessionPolicy:         aws.ToString(d.SessionPolicy),
		ManagedPolicyARNs:     d.ManagedPolicyArns,
		AcceptRoleSessionName: aws.ToBool(d.AcceptRoleSessionName),
		CreatedBy:             aws.ToString(d.CreatedBy),
		CreatedAt:             aws.ToTime(d.CreatedAt), UpdatedAt: aws.ToTime(d.UpdatedAt),
	}
	for _, m := range d.AttributeMappings {
		mapping := AttributeMapping{Field: string(m.CertificateField)}
		for _, rule := range m.MappingRules {
			mapping.Specifiers = append(mapping.Specifiers, aws.ToString(rule.Specifier))
		}
		p.AttributeMappings = append(p.AttributeMappings, mapping)
	}
	return p
}
