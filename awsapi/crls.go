package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere"
)

// CRLs implements [CRLReader].
func (c *Client) CRLs(ctx context.Context) ([]CRL, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return nil, err
	}
	var list []CRL
	pages := rolesanywhere.NewListCrlsPaginator(client, &rolesanywhere.ListCrlsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "rolesanywhere", "ListCrls", "")
		}
		for _, d := range page.Crls {
			list = append(list, CRL{
				ARN: aws.ToString(d.CrlArn), ID: aws.ToString(d.CrlId), Name: aws.ToString(d.Name),
				AnchorARN: aws.ToString(d.TrustAnchorArn), Enabled: aws.ToBool(d.Enabled), Data: d.CrlData,
			})
		}
	}
	return list, nil
}

// DisableCRL implements [CRLWriter].
func (c *Client) DisableCRL(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.DisableCrl(ctx, &rolesanywhere.DisableCrlInput{CrlId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "DisableCrl", id)
}

// DeleteCRL implements [CRLWriter].
func (c *Client) DeleteCRL(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.DeleteCrl(ctx, &rolesanywhere.DeleteCrlInput{CrlId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "DeleteCrl", id)
}
