package main

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"anywhere/awsapi"
	"anywhere/doctor"
	"anywhere/pki/foreign"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/signer/keystore"
	"anywhere/signer/sharedconfig"
)

// repair shows and makes the fixes that are safe, and examines the patient again.
// Modes and our own config section count as ours; a trust policy wants its own
// yes, which --yes is not.
func (a *app) repair(ctx context.Context, h home.Home, src doctor.Sources, p patient, f doctorFlags, r doctor.Report) (doctor.Report, error) {
	if !p.isSetup {
		return r, &usageError{"--fix is for set-ups of this program", "the report says what to do"}
	}
	if _, known := doctor.Entry(doctor.Code(f.fix)); !known && f.fix != "all" {
		return r, &usageError{"no such code: " + f.fix, "anywhere doctor " + p.subject.Name + " --fix repairs whatever can be repaired"}
	}
	made, wanted := 0, 0
	input := bufio.NewReader(a.stdin)
	for _, found := range r.Findings {
		if !found.Fix.Automatic || found.Fix.Edit == nil || f.fix != "all" && f.fix != string(found.Code) {
			continue
		}
		wanted++
		edit := *found.Fix.Edit
		fmt.Fprintf(a.stderr, "%s  %s\n", found.Code, found.Headline())
		for line := range strings.SplitSeq(describeEdit(edit), "\n") {
			fmt.Fprintf(a.stderr, "  %s\n", foreign.Text(line))
		}
		ok, err := a.mayRepair(input, edit, f)
		if err != nil {
			return r, err
		}
		if !ok {
			continue
		}
		if err := a.carryOut(ctx, h, src, p, edit); err != nil {
			return r, fmt.Errorf("repair %s: %w", found.Code, err)
		}
		made++
	}
	if wanted == 0 {
		fmt.Fprintln(a.stderr, "Nothing here can be repaired by itself; the report says what to do.")
	}
	if made == 0 {
		return r, nil
	}
	again := a.setupPatient(h, h.Setup(p.subject.Name), f)
	again.subject.Target.Endpoint = p.subject.Target.Endpoint
	return doctor.Diagnose(doctor.Gather(ctx, src, again.subject, doctor.Options{Offline: f.offline, NoLive: f.noLive})), nil
}

func describeEdit(e doctor.Edit) string {
	switch {
	case e.Chmod != nil:
		return fmt.Sprintf("chmod %04o %s", e.Chmod.Mode, e.Chmod.Path)
	case e.ChainOrder:
		return "sort the chain in session.json: each certificate before its issuer, without roots and repetitions"
	case e.Section != nil:
		return fmt.Sprintf("in %s, [%s]: %s = %s", e.Section.File, e.Section.Section, e.Section.Key, e.Section.Value)
	case e.Absent != nil:
		lines := []string{"at the end of " + e.Absent.File, "[" + e.Absent.Section + "]"}
		for _, pair := range e.Absent.Pairs {
			lines = append(lines, pair[0]+" = "+pair[1])
		}
		return strings.Join(lines, "\n")
	case e.TrustActions != nil:
		return fmt.Sprintf("trust policy of role %s, statement %s, becomes\n%s", e.TrustActions.Role, e.TrustActions.Sid, e.TrustActions.Now)
	}
	return ""
}

// mayRepair asks. --yes answers for our own files alone.
func (a *app) mayRepair(input *bufio.Reader, e doctor.Edit, f doctorFlags) (bool, error) {
	if f.yes {
		if e.TrustActions != nil {
			fmt.Fprintln(a.stderr, "  left alone: a trust policy wants its own yes")
		}
		return e.TrustActions == nil, nil
	}
	fmt.Fprint(a.stderr, "  type yes to do it: ")
	text, err := input.ReadString('\n')
	if err != nil && text == "" {
		return false, &usageError{"repair: nobody answers", "add --yes for repairs of our own files"}
	}
	return strings.TrimSpace(text) == "yes", nil
}

// carryOut makes one edit, after a look that nothing has changed meanwhile.
func (a *app) carryOut(ctx context.Context, h home.Home, src doctor.Sources, p patient, e doctor.Edit) error {
	switch {
	case e.Chmod != nil:
		if !strings.HasPrefix(e.Chmod.Path, h.Root) {
			return errors.New("the file is not in " + h.Root)
		}
		data, err := keystore.ReadFile(e.Chmod.Path)
		if err != nil {
			return err
		}
		return h.Disk.Write(e.Chmod.Path, data, fs.FileMode(e.Chmod.Mode)) // replaces the file: the mode is right from the first moment
	case e.ChainOrder:
		return a.sortChain(h, p)
	case e.Section != nil:
		editor := sharedconfig.Editor{Path: e.Section.File, Lock: h.ConfigLock(), Disk: h.Disk}
		_, err := editor.Apply(ctx, func(d *sharedconfig.Document) error { return replaceKey(d, *e.Section) })
		return err
	case e.Absent != nil:
		editor := sharedconfig.Editor{Path: e.Absent.File, Lock: h.ConfigLock(), Disk: h.Disk}
		_, err := editor.Apply(ctx, func(d *sharedconfig.Document) error { return d.AddSection(e.Absent.Section, e.Absent.Pairs...) })
		return err
	case e.TrustActions != nil:
		aws, err := src.AWS(ctx)
		if err != nil {
			return err
		}
		role, err := aws.Role(ctx, e.TrustActions.Role)
		if err != nil {
			return err
		}
		if role.TrustPolicy != e.TrustActions.Was {
			return errors.New("the trust policy is another one by now; run the doctor again")
		}
		writer, ok := aws.(awsapi.RoleWriter)
		if !ok {
			return errors.New("the trust policy can only be read here")
		}
		return writer.UpdateTrustPolicy(ctx, e.TrustActions.Role, e.TrustActions.Now)
	}
	return nil
}

// sortChain writes session.json with its chain in order, while nobody renews.
func (a *app) sortChain(h home.Home, p patient) error {
	setup := h.Setup(p.subject.Name)
	lock, err := h.Lock(setup)
	if err != nil {
		return err
	}
	defer lock.Release()
	session, err := h.ReadSession(setup)
	if err != nil {
		return err
	}
	leaf, err := x509.ParseCertificate(session.Certificate)
	if err != nil {
		return err
	}
	var pool []*x509.Certificate
	for _, der := range session.Chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		pool = append(pool, cert)
	}
	session.Chain = nil
	for _, cert := range signer.OrderChain(leaf, pool) {
		session.Chain = append(session.Chain, cert.Raw)
	}
	return h.WriteSession(setup, session)
}

// replaceKey writes one key of our section again, without the lines that were
// nested under it: a line continued by a backslash leaves such.
func replaceKey(d *sharedconfig.Document, s doctor.Section) error {
	err := d.Set(s.Section, s.Key, s.Value)
	if !errors.Is(err, sharedconfig.ErrNested) {
		return err
	}
	var pairs [][2]string
	for _, key := range d.Keys(s.Section) {
		value, _ := d.Get(s.Section, key)
		if key == s.Key {
			value = s.Value
		}
		pairs = append(pairs, [2]string{key, value})
	}
	if err := d.RemoveSection(s.Section); err != nil {
		return err
	}
	return d.AddSection(s.Section, pairs...)
}
