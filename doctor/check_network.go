package doctor

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"anywhere/awsapi/policy"
)

const globalKeys = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"

// networkKeys are the condition keys that say where a request comes from.
func networkKeys() []string {
	return []string{"aws:SourceIp", "aws:VpcSourceIp", "aws:SourceVpc", "aws:SourceVpce"}
}

// aroundThem are keys that stand beside network conditions and have one value for
// a request that the machine makes itself.
func aroundThem() policy.Context {
	return policy.Context{"aws:ViaAWSService": {"false"}, "aws:PrincipalIsAWSService": {"false"}, "aws:SecureTransport": {"true"}}
}

func fenceChecks() []Check {
	return []Check{{
		Code: "RA311", Group: GroupRole, Title: "Session may be used from this machine's network",
		Fault: "The session may not be used from this machine's network", Needs: []Code{"RA300", "RA308"}, Judge: fencesOpen,
		Why:    "aws:SourceIp is the public address under which a request reaches AWS, so that a private range such as 10.0.0.0/8 never fits; through an interface endpoint it is absent, and aws:VpcSourceIp and aws:SourceVpce are there instead. The session is given all the same: Roles Anywhere does not look at these keys.",
		Fix:    "Write the public address of this machine's network into the condition, or the ID of the VPC endpoint that its requests go through.",
		Source: globalKeys + "#condition-keys-sourceip",
	}}
}

// from is a place that requests may come from.
type from struct {
	what string
	keys policy.Context
	sure bool // this machine's own
}

// fencesOpen tries what the role allows from every place that its policies name. A
// layer that asks for no network leaves out what it leaves out for other reasons.
func fencesOpen(p *Patient) Finding {
	if !p.AWS.Policies.Known() {
		return p.untoldQuietly()
	}
	layers := p.layers()
	fences := fencesOf(layers)
	if len(fences) == 0 || len(requests(layers[0], layers[0], policy.Context{})) == 0 {
		return pass("no condition asks where it comes from")
	}
	layers = slices.DeleteFunc(layers, func(layer []policy.Document) bool { return len(fencesOf([][]policy.Document{layer})) == 0 })
	for _, place := range p.places(layers, fences) {
		count := p.allowedFrom(layers, place.keys)
		switch {
		case count > 0 && place.sure:
			return pass("it may, from "+place.what, fences...)
		case count > 0:
			return unknown("it may from "+place.what+" alone; whether this machine's requests come from there is not known here", fences...)
		case place.sure:
			return fail("no request from "+place.what+" may do anything", fences...)
		}
	}
	return fail("no request from the internet fits the conditions", fences...)
}

// layers are the role's policies and what limits them.
func (p *Patient) layers() [][]policy.Document {
	known := slices.Concat(networkKeys(), slices.Collect(maps.Keys(aroundThem())))
	layers := [][]policy.Document{p.decidable(p.permissions(), known)}
	texts := []string{p.AWS.Profile.Value.SessionPolicy}
	for _, arn := range p.AWS.Profile.Value.ManagedPolicyARNs {
		texts = append(texts, p.AWS.Limits.Value[arn])
	}
	for _, limit := range [][]policy.Document{documents(texts), documents([]string{p.AWS.Limits.Value[p.AWS.Role.Value.PermissionsBoundary]})} {
		if len(limit) > 0 {
			layers = append(layers, p.decidable(limit, known))
		}
	}
	return layers
}

// fencesOf shows the conditions on networks.
func fencesOf(layers [][]policy.Document) []Seen {
	var list []Seen
	for _, layer := range layers {
		for _, doc := range layer {
			for _, s := range doc.Statements {
				for _, c := range s.Conditions {
					if isNetwork(c.Key) {
						list = append(list, Seen{"policy wants", fmt.Sprintf("%s if %s %s %s", s.Effect, c.Operator, c.Key, strings.Join(c.Values, ", "))})
					}
				}
			}
		}
	}
	return list
}

func isNetwork(key string) bool {
	return slices.ContainsFunc(networkKeys(), func(k string) bool { return strings.EqualFold(k, key) })
}

// places are where requests may come from, the likeliest first: the address that
// CloudTrail saw; else any other address, then those that the policies name.
func (p *Patient) places(layers [][]policy.Document, fences []Seen) []from {
	if address, ok := p.publicAddress(); ok {
		return []from{{address, policy.Context{"aws:SourceIp": {address}}, true}}
	}
	// 192.0.2.1 and 2001:db8::1 stand for the rest of the internet (RFC 5737, RFC 3849).
	list := []from{{"anywhere", policy.Context{"aws:SourceIp": {"192.0.2.1"}}, false}}
	for _, seen := range fences {
		for value := range strings.FieldsFuncSeq(seen.Value, func(r rune) bool { return r == ',' || r == ' ' }) {
			prefix, err := netip.ParsePrefix(value)
			if address, single := netip.ParseAddr(value); single == nil {
				prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
			}
			switch {
			case err == nil && !prefix.Addr().IsPrivate() && !prefix.Addr().IsLoopback():
				list = append(list, from{value, policy.Context{"aws:SourceIp": {prefix.Addr().String()}}, false})
			case err == nil && strings.Contains(seen.Value, "VpcSourceIp"):
				list = append(list, from{value + " inside a VPC", policy.Context{"aws:VpcSourceIp": {prefix.Addr().String()}}, false})
			case strings.HasPrefix(value, "vpce-"):
				list = append(list, from{"the VPC endpoint " + value, policy.Context{"aws:SourceVpce": {value}}, false})
			case strings.HasPrefix(value, "vpc-"):
				list = append(list, from{"the VPC " + value, policy.Context{"aws:SourceVpc": {value}}, false})
			}
		}
	}
	if everywhere := list[0]; p.allowedFrom(layers, everywhere.keys) > 0 {
		everywhere.sure = true
		return []from{everywhere}
	}
	return list[1:]
}

// publicAddress is what CloudTrail says of the session's request, if it was asked.
func (p *Patient) publicAddress() (string, bool) {
	for _, event := range p.AWS.Trail.Value {
		var record struct {
			Source string `json:"sourceIPAddress"`
		}
		if json.Unmarshal([]byte(event.Record), &record) != nil || !strings.Contains(event.Record, p.sessionName()) {
			continue
		}
		if address, err := netip.ParseAddr(record.Source); err == nil && !address.IsPrivate() && !address.IsLoopback() {
			return record.Source, true
		}
	}
	return "", false
}

// allowedFrom counts what every layer allows from a place.
func (p *Patient) allowedFrom(layers [][]policy.Document, place policy.Context) int {
	ctx := p.sessionFacts()
	for _, more := range []policy.Context{aroundThem(), place} {
		for key, values := range more {
			ctx[key] = values
		}
	}
	n := 0
	all := slices.Concat(layers...)
	for _, want := range requests(all, all, ctx) {
		if policy.Within(want, layers...).Allowed {
			n++
		}
	}
	return n
}
