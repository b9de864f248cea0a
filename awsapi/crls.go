package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere/types"
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
		for i := range page.Crls {
			list = append(list, crlOf(&page.Crls[i]))
		}
	}
	return list, nil
}

func crlOf(d *types.CrlDetail) CRL {
	if d == nil {
		return CRL{}
	}
	return CRL{
		ARN: aws.ToString(d.CrlArn), ID: aws.ToString(d.CrlId), Name: aws.ToString(d.Name),
		AnchorARN: aws.ToString(d.TrustAnchorArn), Enabled: aws.ToBool(d.Enabled), Data: d.CrlData,
	}
}

// ImportCRL implements [CRLWriter].
func (c *Client) ImportCRL(ctx context.Context, spec CRLSpec) (CRL, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return CRL{}, err
	}
	out, err := client.ImportCrl(ctx, &rolesanywhere.ImportCrlInput{
		Name: aws.String(spec.Name), TrustAnchorArn: aws.String(spec.AnchorARN), CrlData: spec.Data,
		Enabled: aws.Bool(spec.Enabled), Tags: anywhereTags(spec.Tags),
	}, func(o *rolesanywhere.Options) { o.Retryer = onceRetryer(c.options) })
	if err != nil {
		return CRL{}, asked(err, "rolesanywhere", "ImportCrl", spec.Name)
	}
	return crlOf(out.Crl), nil
}

// UpdateCRL implements [CRLWriter].
func (c *Client) UpdateCRL(ctx context.Context, id string, data []byte) (CRL, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return CRL{}, err
	}
	out, err := client.UpdateCrl(ctx, &rolesanywhere.UpdateCrlInput{CrlId: aws.String(idOf(id)), CrlData: data})
	if err != nil {
		return CRL{}, asked(err, "rolesanywhere", "UpdateCrl", id)
	}
	return crlOf(out.Crl), nil
}

// EnableCRL implements [CRLWriter].
func (c *Client) EnableCRL(ctx context.Context, id string) error {
	client, err := c.rolesAnywhere()
	if err != nil {
		return err
	}
	_, err = client.EnableCrl(ctx, &rolesanywhere.EnableCrlInput{CrlId: aws.String(idOf(id))})
	return asked(err, "rolesanywhere", "EnableCrl", id)
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
