package awsapi

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acmpca"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Client implements [API] over the AWS SDK. It is safe for concurrent use. The
// clients of the single services are built at first use and kept, because each
// of them remembers how far this machine's clock is off.
type Client struct {
	cfg          aws.Config
	options      Options
	region       string
	regionSource string

	sts          func() *sts.Client
	iam          func() *iam.Client
	s3           func() *s3.Client
	rolesAny     func() *rolesanywhere.Client
	cloudTrailed func() *cloudtrail.Client
	privateCA    func() *acmpca.Client
}

var _ API = (*Client)(nil)

// Region returns the Region in force and where it came from, in words. Both are
// empty if none is known: then calls to Roles Anywhere and CloudTrail fail with
// [ErrNoRegion] and the global services are asked in us-east-1.
func (c *Client) Region() (name, source string) { return c.region, c.regionSource }

// WithRegion returns a client like c for another Region.
func (c *Client) WithRegion(region string) *Client {
	other := &Client{cfg: c.cfg.Copy(), options: c.options, region: region, regionSource: sourceGiven}
	other.cfg.Region = region
	other.services()
	return other
}

// services declares the clients of the services.
func (c *Client) services() {
	c.sts = sync.OnceValue(func() *sts.Client {
		return sts.NewFromConfig(c.cfg, func(o *sts.Options) { o.BaseEndpoint = c.endpoint("STS") })
	})
	c.iam = sync.OnceValue(func() *iam.Client {
		return iam.NewFromConfig(c.cfg, func(o *iam.Options) { o.BaseEndpoint = c.endpoint("IAM") })
	})
	// Away from Amazon a bucket's name cannot be looked up as a host.
	c.s3 = sync.OnceValue(func() *s3.Client {
		return s3.NewFromConfig(c.cfg, func(o *s3.Options) {
			o.BaseEndpoint = c.endpoint("S3")
			o.UsePathStyle = o.BaseEndpoint != nil
		})
	})
	c.rolesAny = sync.OnceValue(func() *rolesanywhere.Client {
		return rolesanywhere.NewFromConfig(c.cfg, func(o *rolesanywhere.Options) { o.BaseEndpoint = c.endpoint("RolesAnywhere") })
	})
	c.cloudTrailed = sync.OnceValue(func() *cloudtrail.Client {
		return cloudtrail.NewFromConfig(c.cfg, func(o *cloudtrail.Options) { o.BaseEndpoint = c.endpoint("CloudTrail") })
	})
	c.privateCA = sync.OnceValue(func() *acmpca.Client {
		return acmpca.NewFromConfig(c.cfg, func(o *acmpca.Options) { o.BaseEndpoint = c.endpoint("ACM PCA") })
	})
}

// rolesAnywhere and cloudTrail are regional: a guessed Region would show a
// foreign, empty place.
func (c *Client) rolesAnywhere() (*rolesanywhere.Client, error) {
	if c.region == "" {
		return nil, ErrNoRegion
	}
	return c.rolesAny(), nil
}

func (c *Client) cloudTrail() (*cloudtrail.Client, error) {
	if c.region == "" {
		return nil, ErrNoRegion
	}
	return c.cloudTrailed(), nil
}
