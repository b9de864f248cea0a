package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/sandbox"
	"anywhere/pki/foreign"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/signer/sharedconfig"
	"anywhere/steps"
)

// doors opens the AWSs that the road can lead to, each once.
type doors struct {
	app      *app
	home     home.Home
	endpoint string      // --endpoint
	region   string      // --region
	http     bool        // --allow-http
	made     steps.Begin // how the set-up in question began, if it has
	account  string      // --account: in the sandbox, the one to use
	profile  string      // the AWS config profile that was answered; empty: none was

	serving *sandbox.Running
	local   *http.Transport // to the sandbox
	aws     *steps.Site
	looked  error
}

// close stops what was started to open a door.
func (d *doors) close() error {
	if d.serving == nil {
		return nil
	}
	// A connection that was dialled and never used would keep the server waiting.
	d.local.CloseIdleConnections()
	return d.serving.Close()
}

// open leads to the sandbox or to AWS.
func (d *doors) open(ctx context.Context, where, awsProfile string) (*steps.Site, error) {
	if where == "sandbox" {
		return d.openSandbox(ctx)
	}
	if awsProfile != d.profile {
		d.profile, d.aws, d.looked = awsProfile, nil, nil
	}
	return d.openAWS(ctx)
}

// reach leads to the AWS of another set-up of this home.
func (d *doors) reach(ctx context.Context, b steps.Begin) (*steps.Site, error) {
	other := &doors{app: d.app, home: d.home, http: d.http, made: b, local: d.local}
	if b.Mode == home.ModeSandbox {
		return other.openSandbox(ctx) // it is served already, by this process or another
	}
	other.region = b.Region
	if b.Mode == home.ModeCustom {
		other.endpoint = b.Endpoint
	}
	return other.openAWS(ctx)
}

// sandboxConfig is where the sandbox of a home lives.
func (a *app) sandboxConfig(h home.Home) sandbox.Config {
	return sandbox.Config{Dir: h.Sandbox(), Now: a.now, Random: a.random}
}

// sandboxFiles are the sandbox's own AWS files; the user's are never touched.
func sandboxFiles(state string) sandbox.Files {
	return sandbox.Files{Config: filepath.Join(state, "aws-config"), Credentials: filepath.Join(state, "aws-credentials")}
}

func (d *doors) openSandbox(ctx context.Context) (*steps.Site, error) {
	running, err := sandbox.Ensure(ctx, d.app.sandboxConfig(d.home))
	if err != nil {
		return nil, err
	}
	if d.serving = running; d.local == nil {
		d.local = direct()
	}
	if err := d.app.movePort(d.home, d.home.Sandbox(), running.URL); err != nil {
		return nil, err
	}
	number := d.account
	if d.made.Mode == home.ModeSandbox {
		number = d.made.Account
	}
	admin, err := running.AdminOf(ctx, number)
	if err != nil {
		return nil, err
	}
	files := sandboxFiles(d.home.Sandbox())
	return d.site(ctx, home.ModeSandbox, running.URL, files.Config, files.Credentials, func(keys *awsapi.Keys) (*awsapi.Client, error) {
		return awsapi.Connect(ctx, d.options(awsapi.Options{
			Isolated: true, Region: sandbox.DefaultRegion, Endpoint: running.URL, Credentials: keys, HTTP: d.local,
		}))
	}, &awsapi.Keys{AccessKeyID: admin.AccessKeyID, SecretAccessKey: admin.SecretAccessKey})
}

// direct is a transport without proxies, for what is on this machine.
func direct() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	return t
}

func (d *doors) openAWS(ctx context.Context) (*steps.Site, error) {
	if d.aws == nil && d.looked == nil {
		d.aws, d.looked = d.lookForAWS(ctx)
	}
	return d.aws, d.looked
}

// lookForAWS goes by the AWS credentials at hand. Where they are of another account
// than the set-up, or there are none, it goes by the AWS config profile that the
// set-up was made with, if that is of the right account.
func (d *doors) lookForAWS(ctx context.Context) (*steps.Site, error) {
	if err := plainOnlyHere(d.endpoint, d.http); err != nil {
		return nil, err
	}
	if d.profile != "" {
		site, err := d.siteWith(ctx, d.profile)
		if err == nil {
			site.AWSProfile = d.profile
		}
		return site, err
	}
	site, err := d.siteWith(ctx, "")
	if d.made.ID == "" && err == nil {
		site.AWSProfile = d.app.adminProfile()
	}
	if d.made.AWSProfile == "" || err == nil && site.Caller.Account == d.made.Account {
		return site, err
	}
	remembered, failed := d.siteWith(ctx, d.made.AWSProfile)
	if failed != nil || remembered.Caller.Account != d.made.Account {
		return site, err
	}
	remembered.AWSProfile, remembered.Remembered = d.made.AWSProfile, true
	return remembered, nil
}

// adminProfile is the AWS config profile that the environment selects; empty if the
// credentials come from elsewhere.
func (a *app) adminProfile() string {
	if a.getenv("AWS_ACCESS_KEY_ID") != "" {
		return "" // which beats AWS_PROFILE
	}
	name := cmp.Or(a.getenv("AWS_PROFILE"), "default")
	config, credentials := a.awsFiles()
	for file, section := range map[string]string{config: sharedconfig.ProfileSection(name), credentials: name} {
		if data, err := os.ReadFile(file); err == nil && sharedconfig.Parse(data).Has(section) {
			return name
		}
	}
	return ""
}

// siteWith is the AWS that an AWS config profile leads to; empty is what the
// environment selects.
func (d *doors) siteWith(ctx context.Context, awsProfile string) (*steps.Site, error) {
	config, credentials := d.app.awsFiles()
	connect := func(keys *awsapi.Keys) (*awsapi.Client, error) {
		o := awsapi.Options{Region: d.region, Endpoint: d.endpoint, Credentials: keys, IgnoreGenericEndpoint: d.made.Mode == home.ModeAWS}
		if keys == nil {
			o.AWSProfile = awsProfile
		}
		return awsapi.Connect(ctx, d.options(o))
	}
	client, err := connect(nil)
	if err != nil {
		return nil, err
	}
	region, _ := client.Region()
	if region == "" {
		return nil, awsapi.ErrNoRegion
	}
	mode, endpoint := home.ModeAWS, ""
	if client.Overridden() {
		mode, endpoint = home.ModeCustom, client.Endpoint()
	}
	return d.site(ctx, mode, endpoint, config, credentials, connect, nil)
}

// plainOnlyHere refuses to send anything in the clear to another machine.
func plainOnlyHere(endpoint string, allowed bool) error {
	host, plain := strings.CutPrefix(endpoint, "http://")
	if !plain || allowed || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "[::1]") {
		return nil
	}
	return &usageError{"use endpoint " + endpoint + ": plain http to another machine", "use https, or add --allow-http"}
}

func (d *doors) options(o awsapi.Options) awsapi.Options {
	o.UserAgent, o.Around, o.MaxBackoff = "anywhere/"+version, d.app.around, d.app.backoff
	return o
}

// site asks who is calling and puts together what the road needs of one AWS.
func (d *doors) site(ctx context.Context, mode home.Mode, endpoint, config, credentials string,
	connect func(*awsapi.Keys) (*awsapi.Client, error), keys *awsapi.Keys,
) (*steps.Site, error) {
	client, err := connect(keys)
	if err != nil {
		return nil, err
	}
	asked := d.app.now()
	caller, err := client.WhoAmI(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask AWS who is calling: %w", err)
	}
	region, _ := client.Region()
	s := &steps.Site{
		Mode: mode, API: client, Caller: caller, Region: region, Endpoint: endpoint,
		ConfigFile: config, CredentialsFile: credentials, CallerSetup: d.setupOf(caller.ARN),
		Client: signer.Client{Now: d.app.now, UserAgent: "anywhere/" + version, AllowHTTP: d.http, Sleep: d.app.wait, Deadline: 20 * time.Second},
		As: func(c signer.Credentials) (awsapi.Reader, error) {
			return connect(&awsapi.Keys{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken})
		},
	}
	if mode == home.ModeSandbox {
		s.Client.HTTP = &http.Client{Transport: d.local, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if !caller.ServerTime.IsZero() {
		s.ClockOffset = caller.ServerTime.Sub(asked)
	}
	return s, nil
}

// setupOf names the set-up whose session an ARN belongs to; empty if none's.
func (d *doors) setupOf(callerARN string) string {
	all, err := d.home.List()
	if err != nil {
		return ""
	}
	for _, s := range all {
		session, err := d.home.ReadSession(s)
		if err != nil {
			continue
		}
		role := session.RoleARN[strings.LastIndex(session.RoleARN, "/")+1:]
		if role != "" && strings.Contains(callerARN, ":"+session.Account+":assumed-role/"+role+"/") {
			return s.Name
		}
	}
	return ""
}

// found looks quietly for AWS credentials, for the first question's default and
// what is said beside it.
func (d *doors) found(ctx context.Context) (label, says string, has bool) {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	site, err := d.openAWS(ctx)
	d.looked = nil // whoever chooses AWS is told again, after more patience
	switch {
	case err == nil:
		says = "as " + callerName(site.Caller.ARN)
		if site.AWSProfile != "" {
			says += ", by AWS config profile " + foreign.Text(site.AWSProfile) + "; AWS_PROFILE chooses another"
		}
		return fmt.Sprintf("AWS account %s in %s", site.Caller.Account, site.Region), says, true
	case errors.Is(err, awsapi.ErrNoCredentials):
		return "an AWS account", "no AWS credentials were found", false
	}
	return "an AWS account", err.Error(), true
}

// lookPatience bounds the look for AWS before the first question: a laptop on a
// train must not wait for it.
const lookPatience = 3 * time.Second

func callerName(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }
