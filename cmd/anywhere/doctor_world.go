package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/doctor"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/signer/keystore"
	"anywhere/signer/session"
	"anywhere/steps"
)

// diagnose examines one patient.
func (a *app) diagnose(ctx context.Context, h home.Home, p patient, f doctorFlags, watch func(doctor.Progress)) (doctor.Report, error) {
	start := a.now()
	d := &doors{app: a, home: h, http: f.allowHTTP}
	src, err := a.sources(ctx, d, &p, f)
	if err != nil {
		return doctor.Report{}, err
	}
	e := doctor.Gather(ctx, src, p.subject, doctor.Options{Offline: f.offline, NoLive: f.noLive, Trail: f.trail, Watch: watch})
	report := doctor.Diagnose(e)
	if f.fix != "" {
		report, err = a.repair(ctx, h, src, p, f, report)
	}
	var unsaved error
	if err == nil && f.save != "" {
		unsaved = a.saveEvidence(e, f)
	}
	err = errors.Join(err, d.close())
	report.ElapsedMs = a.now().Sub(start).Milliseconds()
	if watch != nil {
		watch(doctor.Progress{Name: p.subject.Name, Report: report, Done: true})
	}
	if p.isSetup && !f.offline && !f.noLive && err == nil {
		a.rememberVerdict(h, p.subject.Name, report)
	}
	if err == nil && unsaved != nil {
		err = &notSaved{unsaved}
	}
	return report, err
}

// sources opens the way to the patient's AWS. The sandbox is started here, since
// the session needs it, too.
func (a *app) sources(ctx context.Context, d *doors, p *patient, f doctorFlags) (doctor.Sources, error) {
	src := doctor.Sources{Now: a.now, Environ: a.environ, Inspect: a.inspectProgram}
	if f.offline || p.subject.Trouble != nil {
		return src, nil
	}
	a.pickEndpoint(p, f)
	if p.session.Mode == home.ModeSandbox {
		d.account = p.session.Account
		site, err := d.openSandbox(ctx)
		if err != nil { // such as on a read-only disk: the rest can be judged all the same
			src.Down = err
			return src, nil
		}
		p.subject.Target.Endpoint = site.Endpoint
		src.Client, src.HTTP = site.Client, site.Client.HTTP
		src.AWS = func(context.Context) (awsapi.Reader, error) { return site.API, nil }
		return src, nil
	}
	web, err := a.web()
	if err != nil { // the rest can be judged all the same
		src.Down = &doctor.BundleError{Err: err}
		return src, nil
	}
	src.HTTP = web
	src.Client = signer.Client{HTTP: web, Now: a.now, UserAgent: "anywhere/" + version, AllowHTTP: f.allowHTTP, Sleep: a.wait, Deadline: 15 * time.Second}
	src.AWS = func(ctx context.Context) (awsapi.Reader, error) { return a.controlPlane(ctx, d, *p, f) }
	return src, nil
}

// pickEndpoint applies the order of precedence, as signing does.
func (a *app) pickEndpoint(p *patient, f doctorFlags) {
	for _, url := range []string{f.endpoint, p.subject.Target.Endpoint, session.Configured(a.getenv, p.session.Mode != home.ModeAWS)} {
		if url != "" {
			p.subject.Target.Endpoint = strings.TrimSuffix(url, "/")
			return
		}
	}
}

// web is the HTTP client: proxies of the environment, AWS_CA_BUNDLE, no
// redirects.
func (a *app) web() (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if bundle := a.getenv("AWS_CA_BUNDLE"); bundle != "" {
		data, err := keystore.ReadFile(bundle)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("no certificate in %s", bundle)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

// controlPlane connects with the user's own AWS credentials. A credential_process
// is started only for an AWS config profile that --read-with names, and the session
// under test is never used.
func (a *app) controlPlane(ctx context.Context, d *doors, p patient, f doctorFlags) (awsapi.Reader, error) {
	name := f.readWith
	keys := a.getenv("AWS_ACCESS_KEY_ID") != ""
	if name == "" && !keys {
		name = a.getenv("AWS_PROFILE")
	}
	if name == "" && !keys {
		name = "default"
	}
	if f.readWith != "" || !keys {
		if err := a.runsNothing(p, name, f.readWith != ""); err != nil {
			return nil, err
		}
	}
	options := awsapi.Options{Region: regionOfARN(p.subject.Target.TrustAnchorARN), AllowHTTP: f.allowHTTP, IgnoreGenericEndpoint: p.session.Mode == home.ModeAWS,
		AWSProfile: f.readWith}
	client, err := awsapi.Connect(ctx, d.options(options))
	if err == nil && p.session.Mode == home.ModeCustom && !client.Overridden() {
		options.Endpoint = p.session.Endpoint
		client, err = awsapi.Connect(ctx, d.options(options))
	}
	if p.isSetup && f.readWith == "" {
		if other := a.remembered(ctx, d, p, options, client, err); other != nil {
			return other, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return client, nil
}

// remembered connects with the AWS config profile that a set-up was made with, where
// the credentials at hand are of another account; nil where it would have to start
// something, or leads elsewhere too.
func (a *app) remembered(ctx context.Context, d *doors, p patient, options awsapi.Options, at *awsapi.Client, failed error) *awsapi.Client {
	made, err := steps.BeginOf(d.home, p.subject.Name)
	if err != nil || made.AWSProfile == "" {
		return nil
	}
	if failed == nil {
		if caller, err := at.WhoAmI(ctx); err == nil && caller.Account == made.Account {
			return nil
		}
	}
	if a.runsNothing(p, made.AWSProfile, false) != nil {
		return nil
	}
	options.AWSProfile = made.AWSProfile
	other, err := awsapi.Connect(ctx, d.options(options))
	if err != nil {
		return nil
	}
	if caller, err := other.WhoAmI(ctx); err != nil || caller.Account != made.Account {
		return nil
	}
	return other
}

// runsNothing follows an AWS config profile to where its credentials come from,
// and refuses one whose credential_process would have to be started, unless it was
// named for that; and always the session under test.
func (a *app) runsNothing(p patient, name string, named bool) error {
	config, credentials := a.awsFiles()
	for range 5 {
		seen := doctor.ReadAWSProfile(config, credentials, name)
		switch {
		case seen.Helper.Flags["setup"] != "" || seen.Line != "" && seen.Profile == p.subject.Config.Profile:
			return &hinted{fmt.Errorf("AWS config profile %s is the session under test, which reads nothing", seen.Profile), "name another with --read-with"}
		case seen.Line != "" && !named:
			return &hinted{fmt.Errorf("AWS config profile %s starts a credential_process, and the doctor runs nothing that it finds", seen.Profile),
				"anywhere doctor --read-with " + seen.Profile + " runs it"}
		case seen.Source == "" || seen.Source == seen.Profile:
			return nil
		}
		name = seen.Source
	}
	return nil
}

func regionOfARN(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[3]
	}
	return ""
}
