package awsapi

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Where a Region came from.
const (
	sourceGiven       = "given"
	sourceEnvironment = "AWS_REGION"
	sourceAWSProfile  = "AWS config profile"
)

// regionOf says where the SDK took its Region from.
func regionOf(cfg aws.Config, options Options) (region, source string) {
	switch {
	case cfg.Region == "":
		return "", ""
	case options.Region != "":
		return cfg.Region, sourceGiven
	}
	for _, from := range cfg.ConfigSources {
		switch s := from.(type) {
		case config.EnvConfig:
			if s.Region == cfg.Region {
				return cfg.Region, sourceEnvironment
			}
		case config.SharedConfig:
			if s.Region == cfg.Region {
				return cfg.Region, sourceAWSProfile + " " + s.Profile
			}
		}
	}
	return cfg.Region, "the AWS SDK"
}

// Endpoint returns the endpoint of Roles Anywhere if it is not Amazon's own, for
// the signer; otherwise it is empty.
func (c *Client) Endpoint() string { return aws.ToString(c.endpoint("RolesAnywhere")) }

// Overridden says whether any service is reached at an endpoint that is not
// Amazon's own. Such a set-up is in mode custom, never aws.
func (c *Client) Overridden() bool {
	for _, service := range serviceIDs() {
		if c.endpoint(service) != nil {
			return true
		}
	}
	return false
}

// serviceIDs are the SDK's names of the services in use.
func serviceIDs() []string {
	return []string{"STS", "IAM", "S3", "RolesAnywhere", "CloudTrail", "ACM PCA"}
}

// checkEndpoints refuses what is no URL, and plain HTTP to another machine: the
// answers hold what a set-up trusts, and anybody on the way could change them.
func (c *Client) checkEndpoints() error {
	for _, service := range serviceIDs() {
		endpoint := c.endpoint(service)
		if endpoint == nil {
			continue
		}
		where, err := url.Parse(*endpoint)
		if err != nil || where.Host == "" || where.Scheme != "http" && where.Scheme != "https" {
			return fmt.Errorf("connect to AWS: endpoint of %s: %q is no http or https URL", service, *endpoint)
		}
		if where.Scheme == "http" && !loopback(where.Hostname()) && !c.options.AllowHTTP {
			return &PlainHTTPError{Endpoint: *endpoint}
		}
	}
	return nil
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// endpoint returns the endpoint to use for a service, nil for Amazon's own: the
// given one, then AWS_ENDPOINT_URL_<SERVICE>, then AWS_ENDPOINT_URL, then those of
// the config file in the same order. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS switches
// all but the given one off.
//
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func (c *Client) endpoint(service string) *string {
	if c.options.Endpoint != "" {
		return &c.options.Endpoint
	}
	for _, source := range c.cfg.ConfigSources {
		ignoring, ok := source.(config.IgnoreConfiguredEndpointsProvider)
		if !ok {
			continue
		}
		if ignore, found, _ := ignoring.GetIgnoreConfiguredEndpoints(context.Background()); found && ignore {
			return nil
		}
	}
	for _, source := range c.cfg.ConfigSources {
		if found := c.endpointFrom(source, service); found != "" {
			return &found
		}
	}
	return nil
}

// endpointFrom looks in one source: environment or config file.
func (c *Client) endpointFrom(source any, service string) string {
	if own, ok := source.(interface {
		GetServiceBaseEndpoint(ctx context.Context, sdkID string) (string, bool, error)
	}); ok {
		if url, found, _ := own.GetServiceBaseEndpoint(context.Background(), service); found && url != "" {
			return url
		}
	}
	if c.options.IgnoreGenericEndpoint {
		return ""
	}
	switch s := source.(type) {
	case config.EnvConfig:
		return s.BaseEndpoint
	case config.SharedConfig:
		return s.BaseEndpoint
	}
	return ""
}
