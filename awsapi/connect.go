package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"
)

// patience is how long one attempt may take, connection and answer together.
const patience = 30 * time.Second

// metadataPatience bounds the search for an instance role. Outside of EC2 the
// metadata address is silent, and the SDK alone would wait for seconds.
const metadataPatience = 300 * time.Millisecond

// fallbackRegion is where the global services IAM and STS are asked if no Region
// is known.
const fallbackRegion = "us-east-1"

// Connect finds Region, credentials and endpoints; it calls nothing but, where no
// other credentials are configured, the metadata service of EC2.
//
// It returns [ErrNoCredentials] if this machine has none at all. Credentials that
// are configured and do not work are found out by the first call.
func Connect(ctx context.Context, options Options) (*Client, error) {
	if options.Isolated {
		return isolated(options)
	}
	cfg, err := load(ctx, options)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, options: options}
	c.region, c.regionSource = regionOf(cfg, options)
	if c.cfg.Region == "" {
		c.cfg.Region = fallbackRegion
	}
	c.finish()
	if err := c.checkEndpoints(); err != nil {
		return nil, err
	}
	if err := credentialsExist(ctx, cfg); err != nil {
		return nil, err
	}
	return c, nil
}

func load(ctx context.Context, options Options) (aws.Config, error) {
	settings := []func(*config.LoadOptions) error{
		config.WithRegion(options.Region),
		config.WithLogger(logging.Nop{}), // the SDK would write to stderr, in the middle of a screen
	}
	if options.AWSProfile != "" {
		settings = append(settings, config.WithSharedConfigProfile(options.AWSProfile))
	}
	if options.ConfigFiles != nil {
		settings = append(settings, config.WithSharedConfigFiles(options.ConfigFiles))
	}
	if options.CredentialsFiles != nil {
		settings = append(settings, config.WithSharedCredentialsFiles(options.CredentialsFiles))
	}
	if options.Credentials != nil {
		settings = append(settings, config.WithCredentialsProvider(options.Credentials.provider()))
	}
	cfg, err := config.LoadDefaultConfig(ctx, settings...)
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return cfg, &NoProfileError{AWSProfile: missing.Profile, Err: err}
	}
	if err != nil {
		return cfg, fmt.Errorf("read AWS configuration: %w", err)
	}
	return cfg, nil
}

// isolated builds a client from its options alone.
func isolated(options Options) (*Client, error) {
	if options.Region == "" || options.Endpoint == "" || options.Credentials == nil {
		return nil, errors.New("connect to AWS: isolated, but Region, endpoint or credentials are not given")
	}
	c := &Client{options: options, region: options.Region, regionSource: sourceGiven}
	c.cfg = aws.Config{Region: options.Region, Credentials: aws.NewCredentialsCache(options.Credentials.provider())}
	c.finish()
	if err := c.checkEndpoints(); err != nil {
		return nil, err
	}
	return c, nil
}

// finish puts the parts in that do not come from environment or files.
func (c *Client) finish() {
	c.cfg.HTTPClient = httpClient(c.cfg, c.options)
	c.cfg.Retryer = func() aws.Retryer { return retryer(c.options) }
	if c.options.UserAgent != "" {
		name, version, _ := strings.Cut(c.options.UserAgent, "/")
		c.cfg.APIOptions = append(slices.Clone(c.cfg.APIOptions), awsmiddleware.AddUserAgentKeyValue(name, version))
	}
	c.services()
}

// httpClient keeps the transport that the SDK has made, which knows AWS_CA_BUNDLE
// and proxies, unless another one is asked for. Redirects are never followed:
// they would carry a signature made for another host.
func httpClient(cfg aws.Config, options Options) *http.Client {
	transport := options.HTTP
	if transport == nil {
		made, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
		if !ok {
			made = awshttp.NewBuildableClient()
		}
		transport = made.GetTransport()
	}
	if options.Around != nil {
		transport = options.Around(transport)
	}
	return &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (k *Keys) provider() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(k.AccessKeyID, k.SecretAccessKey, k.SessionToken)
}

// credentialsExist tries the metadata service if it is all that is left; every
// other source is known to be configured.
func credentialsExist(ctx context.Context, cfg aws.Config) error {
	cache, ok := cfg.Credentials.(*aws.CredentialsCache)
	if !ok {
		return nil
	}
	sources := cache.ProviderSources()
	if len(sources) != 1 || sources[0] != aws.CredentialSourceIMDS {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, metadataPatience)
	defer cancel()
	if _, err := cache.Retrieve(ctx); err != nil {
		return ErrNoCredentials
	}
	return nil
}
