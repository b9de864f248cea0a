package main

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
)

// newCA makes a CA of somebody else's and writes its files.
func newCA(t *testing.T, dir, name string) (certificate, key, pem string) {
	t.Helper()
	signer := must(pki.NewKey(pki.P256, rand.Reader))
	now := time.Now()
	cert := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(2, 0, 0),
		Serial: must(pki.NewSerial(rand.Reader))}, signer, rand.Reader))
	certificate, key, pem = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key"), string(pki.EncodeCertificates(cert))
	writeFile(t, certificate, pem, 0o600)
	writeFile(t, key, string(must(pki.EncodeKey(signer))), 0o600)
	return certificate, key, pem
}

// furnished is a bench on which somebody else has a trust anchor, a role and a
// Roles Anywhere profile, and the answers that change all three.
func furnished(t *testing.T) (b *bench, setup []string) {
	t.Helper()
	b = newBench(t)
	ctx := t.Context()
	_, _, theirs := newCA(t, b.dir, "theirs")
	certificate, key, _ := newCA(t, b.dir, "ours")
	anchor := must(b.API.CreateAnchor(ctx, awsapi.AnchorSpec{Name: "theirs", Enabled: true, Source: awsapi.AnchorSource{Bundle: theirs}}))
	trust := `{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"Service":"%s.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	role := must(b.API.CreateRole(ctx, awsapi.RoleSpec{Name: "theirs", Path: "/", TrustPolicy: fmt.Sprintf(trust, "ec2")}))
	other := must(b.API.CreateRole(ctx, awsapi.RoleSpec{Name: "other", Path: "/", TrustPolicy: fmt.Sprintf(trust, "lambda")}))
	list := must(b.API.CreateProfile(ctx, awsapi.ProfileSpec{Name: "theirs", Enabled: true, RoleARNs: []string{other.ARN}, DurationSeconds: 3600}))
	setup = slices.Clone(setupBox)
	for _, answer := range []string{
		"leaf.cn=box", "ca.certificate=" + certificate, "ca.private-key=" + key, "anchor.arn=" + anchor.ARN, "anchor.change=yes",
		"role.arn=" + role.ARN, "role.change=yes", "rolesanywhere-profile.arn=" + list.ARN, "rolesanywhere-profile.change=yes",
	} {
		setup = append(setup, "--set", answer)
	}
	return b, setup
}

// inAWS keeps the stops that lie around a change of AWS.
func inAWS(writes []string, test func(when string, k int)) {
	for k, write := range writes {
		if strings.HasPrefix(write, "aws ") {
			test("before", k+1)
			test("after", k+1)
		}
	}
}

// What is somebody else's is edited, and the edit is taken out again, wherever
// the process is killed.
func TestAChangeOfSomebodyElsesThingsSurvivesAKill(t *testing.T) {
	whole, setup := furnished(t)
	before := whole.things(t)
	writes := whole.done(t, setup...)
	made := whole.things(t)
	undone := whole.done(t, teardownBox...)
	differ(t, "undisturbed", whole.things(t), before)

	inAWS(writes, func(when string, k int) {
		stop := fmt.Sprintf("%s:%d", when, k)
		t.Run("setup killed "+when+" "+writes[k-1], func(t *testing.T) {
			t.Parallel()
			b, setup := furnished(t)
			b.die(t, stop, setup...)
			b.done(t, setupBox...)
			differ(t, "made", b.things(t), made)
			if again := b.done(t, setupBox...); len(again) > 0 {
				t.Errorf("one more run writes again: %q", again)
			}
			b.done(t, teardownBox...)
			differ(t, "undone", b.things(t), before)
			differ(t, "files", b.files(t), []string{})
		})
		t.Run("setup killed for good "+when+" "+writes[k-1], func(t *testing.T) {
			t.Parallel()
			b, setup := furnished(t)
			b.die(t, stop, setup...)
			b.done(t, teardownBox...)
			differ(t, "undone", b.things(t), before)
			differ(t, "files", b.files(t), []string{})
		})
	})
	inAWS(undone, func(when string, k int) {
		t.Run("teardown killed "+when+" "+undone[k-1], func(t *testing.T) {
			t.Parallel()
			b, setup := furnished(t)
			b.done(t, setup...)
			b.die(t, fmt.Sprintf("%s:%d", when, k), teardownBox...)
			b.done(t, teardownBox...)
			differ(t, "undone", b.things(t), before)
			differ(t, "files", b.files(t), []string{})
		})
	})
}

// The key that goes to the user's own file is written once: a run that is killed
// right after it uses what is there, and never overwrites it.
func TestAKeyKeptElsewhereIsWrittenOnce(t *testing.T) {
	whole := newBench(t)
	kept := func(b *bench) (file string, setup []string) {
		file = filepath.Join(b.dir, "usb.key")
		return file, append(slices.Clone(setupBox), "--set", "ca.protection=external", "--set", "ca.external-file="+file)
	}
	file, setup := kept(whole)
	writes := whole.done(t, setup...)
	want := whole.files(t)
	written := slices.Index(writes, "create "+file)
	if written < 0 {
		t.Fatalf("the key is not written: %q", writes)
	}
	for _, stop := range []string{fmt.Sprintf("before:%d", written+1), fmt.Sprintf("after:%d", written+1), fmt.Sprintf("before:%d", written+2), fmt.Sprintf("after:%d", written+2)} {
		t.Run("killed "+stop, func(t *testing.T) {
			b := newBench(t)
			file, setup := kept(b)
			b.die(t, stop, setup...)
			key := ""
			if !strings.HasPrefix(stop, "before:"+fmt.Sprint(written+1)) {
				key = readFile(t, file)
			}
			b.done(t, setupBox...)
			if now := readFile(t, file); key != "" && now != key {
				t.Error("the key was overwritten")
			}
			files := b.files(t)
			for i := range files {
				files[i] = strings.ReplaceAll(files[i], b.dir, "DIR")
				want[i] = strings.ReplaceAll(want[i], whole.dir, "DIR")
			}
			differ(t, "files", files, want)
		})
	}
}
