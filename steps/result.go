package steps

import (
	"time"

	"anywhere/pki"
	"anywhere/signer/home"
)

// Result is what a set-up is, after it was proved. It is the document of
// setup --json; fields are only ever added.
type Result struct {
	Setup          string            `json:"setup"`
	Mode           home.Mode         `json:"mode"`
	Region         string            `json:"region"`
	Account        string            `json:"account"`
	TrustAnchorARN string            `json:"trustAnchorArn"`
	ProfileARN     string            `json:"profileArn"` // of the Roles Anywhere profile
	RoleARN        string            `json:"roleArn"`
	Certificate    ResultCertificate `json:"certificate"`
	Session        ResultSession     `json:"session"`
	AWSProfile     string            `json:"awsProfile"` // the AWS config profile
	AWSConfigFile  string            `json:"awsConfigFile"`
	Endpoint       string            `json:"endpoint,omitempty"`
	Program        string            `json:"program"` // what the AWS CLI starts
	Changes        []Change          `json:"changes"`
	Evidence       []Evidence        `json:"evidence"`
	Notes          []string          `json:"notes,omitempty"`
}

// ResultCertificate is the certificate of this machine.
type ResultCertificate struct {
	Path          string    `json:"path"`
	Subject       string    `json:"subject"`
	SerialHex     string    `json:"serialHex"` // the session name
	SerialDecimal string    `json:"serialDecimal"`
	NotAfter      time.Time `json:"notAfter"`
}

// ResultSession is the session that proved the set-up; never its keys.
type ResultSession struct {
	ARN            string    `json:"arn"`
	SourceIdentity string    `json:"sourceIdentity"`
	Expiration     time.Time `json:"expiration"`
}

// Result describes the set-up as it stands after Apply and Verify.
func (r *Runner) Result(plan Plan, evidence []Evidence) (Result, error) {
	e := r.env
	id, s, err := identity(e)
	if err != nil {
		return Result{}, err
	}
	serial := pki.SerialOf(id.Certificate)
	changes := plan.Changes
	if changes == nil {
		changes = []Change{}
	}
	return Result{
		Setup: e.Setup, Mode: e.Site.Mode, Region: e.Site.Region, Account: e.Site.Caller.Account,
		TrustAnchorARN: s.TrustAnchorARN, ProfileARN: s.ProfileARN, RoleARN: s.RoleARN,
		Certificate: ResultCertificate{
			Path:    e.World.Home.Abs(e.Value("certificate.dir") + "/certificate.pem"),
			Subject: id.Certificate.Subject.String(), SerialHex: serial.Hex(), SerialDecimal: serial.Decimal(),
			NotAfter: id.Certificate.NotAfter.UTC(),
		},
		Session:    ResultSession{ARN: e.First.AssumedRoleARN, SourceIdentity: e.First.SourceIdentity, Expiration: e.First.Expiration.UTC()},
		AWSProfile: e.Get("config.profile"), AWSConfigFile: e.Site.ConfigFile,
		Endpoint: e.Site.Endpoint, Program: e.program(),
		Changes: changes, Evidence: evidence, Notes: plan.Notes,
	}, nil
}
