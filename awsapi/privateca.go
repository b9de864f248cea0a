package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acmpca"
)

// PrivateCA implements [PrivateCAReader]. The state is a second question, whose
// refusal leaves it empty.
func (c *Client) PrivateCA(ctx context.Context, arn string) (PrivateCA, error) {
	if c.region == "" {
		return PrivateCA{}, ErrNoRegion
	}
	client := c.privateCA()
	out, err := client.GetCertificateAuthorityCertificate(ctx, &acmpca.GetCertificateAuthorityCertificateInput{CertificateAuthorityArn: aws.String(arn)})
	if err != nil {
		return PrivateCA{}, asked(err, "acm-pca", "GetCertificateAuthorityCertificate", arn)
	}
	ca := PrivateCA{ARN: arn, Certificate: aws.ToString(out.Certificate), Chain: aws.ToString(out.CertificateChain)}
	described, err := client.DescribeCertificateAuthority(ctx, &acmpca.DescribeCertificateAuthorityInput{CertificateAuthorityArn: aws.String(arn)})
	if err == nil && described.CertificateAuthority != nil {
		ca.Status = string(described.CertificateAuthority.Status)
	}
	return ca, nil
}
