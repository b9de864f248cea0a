package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anywhere/awsapi/policy"
	"anywhere/doctor"
	"anywhere/pki/decode"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/signer/keystore"
	"anywhere/steps"
)

// patient is one subject with the way to its AWS.
type patient struct {
	subject doctor.Subject
	session home.Session // of a set-up
	isSetup bool
}

// patients are what the arguments name, or everything that is found.
func (a *app) patients(h home.Home, name string, f doctorFlags) ([]patient, error) {
	switch {
	case name != "" && f.awsProfile != "", (name != "" || f.awsProfile != "") && f.line.given():
		return nil, &usageError{"doctor takes a set-up, an AWS config profile or files, one at a time", "anywhere doctor --help"}
	case name != "":
		if _, err := h.Find(name); err != nil {
			return nil, err
		}
		return []patient{a.setupPatient(h, h.Setup(name), f)}, nil
	case f.awsProfile != "":
		return []patient{a.profilePatient(h, a.readAWSProfile(f.awsProfile), f)}, nil
	case f.line.given():
		return []patient{a.filesPatient(f)}, nil
	}
	return a.everything(h, f)
}

// everything is all set-ups of this machine, and the AWS config profiles that
// start somebody else's signer. No passphrase is tried on them.
func (a *app) everything(h home.Home, f doctorFlags) ([]patient, error) {
	f.passEnv, f.passFile, f.unasked = "", "", true
	var setups []home.Setup
	if h.Root != "" { // there may be no home directory
		var err error
		if setups, err = h.List(); err != nil {
			return nil, err
		}
	}
	var all []patient
	var seen []string
	for _, s := range setups {
		p := a.setupPatient(h, s, f)
		seen = append(seen, p.subject.Config.Profile)
		all = append(all, p)
	}
	config, _ := a.awsFiles()
	for _, name := range doctor.AWSProfiles(config) {
		if !slices.Contains(seen, name) {
			all = append(all, a.profilePatient(h, a.readAWSProfile(name), f))
		}
	}
	if len(all) == 0 {
		return nil, &usageError{"there is no set-up and no AWS config profile for Roles Anywhere on this machine", "anywhere setup makes one"}
	}
	return all, nil
}

// setupPatient reads a set-up; one that cannot be read is a patient, too.
func (a *app) setupPatient(h home.Home, s home.Setup, f doctorFlags) patient {
	subject := doctor.Subject{Kind: doctor.KindSetup, Name: s.Name, Client: doctor.ClientAnywhere, KeyDir: s.Dir, Passphrase: a.passphrase(f)}
	session, err := h.ReadSession(s)
	if err != nil {
		subject.Trouble = doctor.NewTrouble(err)
		if errors.Is(err, home.ErrNoSetup) {
			subject.Trouble = &doctor.Trouble{Kind: doctor.Missing, Says: "the set-up is not finished", Fix: "anywhere setup --name " + s.Name}
		}
		return patient{subject: subject, isSetup: true}
	}
	subject.Mode, subject.Target = string(session.Mode), session.Target()
	subject.Leaf, subject.Chain, subject.KeyRef = session.Certificate, session.Chain, session.Key
	config, credentials := a.awsFiles()
	if session.Mode == home.ModeSandbox {
		files := sandboxFiles(h.Sandbox())
		config, credentials = files.Config, files.Credentials
	}
	if notes, err := h.ReadNotes(s); err == nil {
		for _, w := range notes.Warnings {
			subject.Noted = append(subject.Noted, doctor.Note{Code: doctor.Code(w.Code), Says: w.Says, At: w.At})
		}
	}
	subject.Ours = &doctor.Ours{Sid: policy.Sid(session.ID)}
	if name := doctor.FindAWSProfile(config, s.Name); name != "" {
		subject.Config = doctor.ReadAWSProfile(config, credentials, name)
	}
	if subject.Passphrase == nil {
		subject.Passphrase = a.passphraseOfLine(subject.Config, f)
	}
	a.hardware(&subject, f)
	a.recall(h, s, &subject)
	a.addCAs(h, &subject)
	return patient{subject, session, true}
}

// recall adds what the journal knows: the role's ID, and our section as we wrote
// it, even where its line has been spoilt since.
func (a *app) recall(h home.Home, s home.Setup, subject *doctor.Subject) {
	journal, err := steps.OpenJournal(s.JournalFile(), h.Disk)
	if err != nil {
		return
	}
	for _, made := range journal.Standing() {
		switch {
		case made.Noun == "role" && made.Ownership == steps.Created && made.Ref == subject.Target.RoleARN:
			subject.Ours.RoleID = made.UID
		case made.Change == "permissions.give":
			subject.Ours.Permits = cmp.Or(made.Values["permissions.arn"], made.Values["permissions.inline"])
		case made.Change == "aws-config.section":
			subject.Ours.File, subject.Ours.Section = made.Ref, "profile "+made.UID
			lines := strings.Split(made.Values["config.lines"], "\n")
			for i, line := range lines {
				if value, ok := strings.CutPrefix(line, "credential_process="); ok {
					subject.Ours.Line = value
				} else if strings.HasPrefix(line, "endpoint_url=") { // the sandbox may have moved to another port since
					lines[i] = "endpoint_url=" + subject.Target.Endpoint
				}
			}
			subject.Ours.Lines = strings.Join(lines, "\n")
			if subject.Config.Profile == "" {
				_, credentials := a.awsFiles()
				subject.Config = doctor.ReadAWSProfile(made.Ref, credentials, made.UID)
			}
		}
	}
}

// addCAs adds the authorities of this machine, and the key of the one that issued
// the certificate.
func (a *app) addCAs(h home.Home, subject *doctor.Subject) {
	leaf, err := x509.ParseCertificate(subject.Leaf)
	if err != nil {
		return
	}
	dirs, err := os.ReadDir(h.CA(""))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		data, err := keystore.ReadFile(filepath.Join(h.CA(dir.Name()), "ca.pem"))
		if err != nil {
			continue
		}
		certs, err := decode.Certificates(data)
		if err != nil {
			continue
		}
		for _, ca := range certs {
			subject.KnownCAs = append(subject.KnownCAs, ca.Raw)
			key := filepath.Join(h.CA(dir.Name()), "ca.key")
			if leaf.CheckSignatureFrom(ca) == nil && exists(key) {
				subject.CAKeyFile = key
			}
		}
	}
}

// profilePatient follows the line of an AWS config profile; a line of ours leads
// to the set-up.
func (a *app) profilePatient(h home.Home, config doctor.ConfigSeen, f doctorFlags) patient {
	if name := config.Helper.Flags["setup"]; name != "" && home.ValidName(name) == nil {
		if root := config.Helper.Flags["home"]; root != "" && filepath.IsAbs(root) {
			h.Root = filepath.Clean(root)
		}
		if h.Root == "" {
			says := "HOME is not set, so set-up " + name + " cannot be found; a program without HOME does not find it either"
			return patient{subject: doctor.Subject{Kind: doctor.KindAWSProfile, Name: config.Profile, Client: doctor.ClientAnywhere, Config: config,
				Trouble: &doctor.Trouble{Kind: doctor.Missing, Says: says, Fix: "HOME=DIRECTORY anywhere doctor " + name}}}
		}
		p := a.setupPatient(h, h.Setup(name), f)
		p.subject.Config = config
		return p
	}
	dir, _ := a.userHome() // of a service without one, a line for a shell is read as it stands
	subject, ok := doctor.SubjectOfLine(config, dir)
	if subject.Passphrase = a.passphrase(f); subject.Passphrase == nil {
		subject.Passphrase = a.passphraseOfLine(config, f)
	}
	a.hardware(&subject, f)
	if !ok && config.Trouble == nil {
		subject.Trouble = &doctor.Trouble{Kind: doctor.Unsupported, Says: "AWS config profile " + config.Profile + " starts no signer for Roles Anywhere"}
	}
	if config.Line == "" && config.Trouble == nil {
		subject.Trouble.Says = "AWS config profile " + config.Profile + " has no credential_process"
	}
	return patient{subject: subject}
}

// filesPatient takes flags as AWS's helper takes them.
func (a *app) filesPatient(f doctorFlags) patient {
	l := f.line
	subject := doctor.Subject{
		Kind: doctor.KindFiles, Name: l.certificate, Client: doctor.ClientAnywhere, CertificateFile: l.certificate, ChainFile: l.intermediates,
		KeyRef: l.privateKey, Passphrase: a.passphrase(f),
		Target: signer.Target{TrustAnchorARN: l.anchor, ProfileARN: l.profile, RoleARN: l.role, Region: l.region, SessionName: l.name,
			Duration: time.Duration(l.duration) * time.Second, Endpoint: f.endpoint},
	}
	a.hardware(&subject, f)
	if subject.Name == "" {
		subject.Name = "files"
	}
	if subject.KeyRef == "" && l.certificate != "" {
		if data, err := keystore.ReadFile(l.certificate); err == nil && strings.Contains(string(data), "PRIVATE KEY-----") {
			subject.KeyRef = l.certificate
		}
	}
	return patient{subject: subject}
}

// diagnoses examines one after the other and puts the worst first. watch, if there
// is one, is told how far it is.
func (a *app) diagnoses(ctx context.Context, name string, f doctorFlags, watch func(doctor.Progress)) ([]doctor.Report, error) {
	if f.from != "" {
		return a.diagnoseSaved(name, f)
	}
	h, err := a.openHome()
	if err != nil && (name != "" || !f.line.given() && f.awsProfile == "" && a.getenv("AWS_CONFIG_FILE") == "") {
		return nil, err
	}
	found, err := a.patients(h, name, f)
	if err != nil {
		return nil, err
	}
	if len(found) > 1 && (f.fix != "" || f.save != "") {
		return nil, &usageError{"--fix and --save are for one set-up", "name it: anywhere doctor NAME"}
	}
	var reports []doctor.Report
	for _, p := range found {
		report, err := a.diagnose(ctx, h, p, f, watch)
		if unsaved, ok := errors.AsType[*notSaved](err); ok { // of one set-up alone
			return []doctor.Report{report}, unsaved
		}
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	rank := map[doctor.Health]int{doctor.Unhealthy: 0, doctor.CannotTell: 1, doctor.Healthy: 2}
	slices.SortStableFunc(reports, func(x, y doctor.Report) int {
		if rank[x.Verdict] != rank[y.Verdict] {
			return rank[x.Verdict] - rank[y.Verdict]
		}
		return y.Warnings() - x.Warnings()
	})
	return reports, nil
}
