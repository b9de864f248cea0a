package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere/types"
)

// Anchors implements [AnchorReader].
func (c *Client) Anchors(ctx context.Context) ([]Anchor, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return nil, err
	}
	var list []Anchor
	pages := rolesanywhere.NewListTrustAnchorsPaginator(client, &rolesanywhere.ListTrustAnchorsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "rolesanywhere", "ListTrustAnchors", "")
		}
		for i := range page.TrustAnchors {
			list = append(list, anchorOf(&page.TrustAnchors[i]))
		}
	}
	return list, nil
}

// Anchor implements [AnchorReader].
func (c *Client) Anchor(ctx context.Context, id string) (Anchor, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return Anchor{}, err
	}
	out, err := client.GetTrustAnchor(ctx, &rolesanywhere.GetTrustAnchorInput{TrustAnchorId: aws.String(idOf(id))})
	if err != nil {
		return Anchor{}, asked(err, "rolesanywhere", "GetTrustAnchor", id)
	}
	return anchorOf(out.TrustAnchor), nil
}

// CreateAnchor implements [AnchorWriter].
func (c *Client) CreateAnchor(ctx context.Context, spec AnchorSpec) (Anchor, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return Anchor{}, err
	}
	out, err := client.CreateTrustAnchor(ctx, &rolesanywhere.CreateTrustAnchorInput{
		Name:                 aws.String(spec.Name),
		Source:               sourceOf(spec.Source),
		Enabled:              aws.Bool(spec.Enabled),
		NotificationSettings: settingsOf(spec.Notices),
		Tags:                 anywhereTags(spec.Tags),
	}, func(o *rolesanywhere.Options) { o.Retryer = onceRetryer(c.options) })
	if err != nil {
		return Anchor{}, asked(err, "rolesanywhere", "CreateTrustAnchor", spec.Name)
	}
	return anchorOf(out.TrustAnchor), nil
}

// UpdateAnchorSource implements [AnchorWriter].
func (c *Client) UpdateAnchorSource(ctx context.Context, id string, source AnchorSource) (Anchor, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return Anchor{}, err
	}
	out, err := client.UpdateTrustAnchor(ctx, &rolesanywhere.UpdateTrustAnchorInput{
		TrustAnchorId: aws.String(idOf(id)), Source: sourceOf(source),
	})
	if err != nil {
		return Anchor{}, asked(err, "rolesanywhere", "UpdateTrustAnchor", id)
	}
	return anchorOf(out.TrustAnchor), nil
}

// PutAnchorNotices implements [AnchorWriter].
func (c *Client) PutAnchorNotices(ctx context.Context, id string, notices []Notice) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.PutNotificationSettings(ctx, &rolesanywhere.PutNotificationSettingsInput{
		TrustAnchorId: aws.String(idOf(id)), NotificationSettings: settingsOf(notices),
	})
	return asked(err, "rolesanywhere", "PutNotificationSettings", id)
}

// EnableAnchor implements [AnchorWriter].
func (c *Client) EnableAnchor(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.EnableTrustAnchor(ctx, &rolesanywhere.EnableTrustAnchorInput{TrustAnchorId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "EnableTrustAnchor", id)
}

// DisableAnchor implements [AnchorWriter].
func (c *Client) DisableAnchor(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.DisableTrustAnchor(ctx, &rolesanywhere.DisableTrustAnchorInput{TrustAnchorId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "DisableTrustAnchor", id)
}

// DeleteAnchor implements [AnchorWriter].
func (c *Client) DeleteAnchor(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.DeleteTrustAnchor(ctx, &rolesanywhere.DeleteTrustAnchorInput{TrustAnchorId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "DeleteTrustAnchor", id)
}

func anchorOf(d *types.TrustAnchorDetail) Anchor {
	if d == nil {
		return Anchor{}
	}
	a := Anchor{
		ARN: aws.ToString(d.TrustAnchorArn), ID: aws.ToString(d.TrustAnchorId), Name: aws.ToString(d.Name),
		Enabled:   aws.ToBool(d.Enabled),
		CreatedAt: aws.ToTime(d.CreatedAt), UpdatedAt: aws.ToTime(d.UpdatedAt),
	}
	if d.Source != nil {
		switch data := d.Source.SourceData.(type) {
		case *types.SourceDataMemberX509CertificateData:
			a.Source.Bundle = data.Value
		case *types.SourceDataMemberAcmPcaArn:
			a.Source.PrivateCA = data.Value
		}
	}
	for _, n := range d.NotificationSettings {
		a.Notices = append(a.Notices, Notice{
			Event: string(n.Event), Enabled: aws.ToBool(n.Enabled), Days: int(aws.ToInt32(n.Threshold)),
		})
	}
	return a
}

func sourceOf(s AnchorSource) *types.Source {
	if s.PrivateCA != "" {
		return &types.Source{
			SourceType: types.TrustAnchorTypeAwsAcmPca,
			SourceData: &types.SourceDataMemberAcmPcaArn{Value: s.PrivateCA},
		}
	}
	return &types.Source{
		SourceType: types.TrustAnchorTypeCertificateBundle,
		SourceData: &types.SourceDataMemberX509CertificateData{Value: s.Bundle},
	}
}

// settingsOf returns nil for no notices: then AWS keeps its defaults.
func settingsOf(notices []Notice) []types.NotificationSetting {
	var list []types.NotificationSetting
	for _, n := range notices {
		setting := types.NotificationSetting{
			Channel: types.NotificationChannelAll, Event: types.NotificationEvent(n.Event), Enabled: aws.Bool(n.Enabled),
		}
		if n.Days > 0 {
			setting.Threshold = aws.Int32(int32(n.Days))
		}
		list = append(list, setting)
	}
	return list
}
