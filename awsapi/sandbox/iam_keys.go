package sandbox

import "slices"

// Access keys of users.

// iamKeyID is an access key's ID.
// Source: service model of the AWS SDKs (iam, 2010-05-08), accessKeyIdType
var iamKeyID = shape{kind: text, min: 16, max: 128}.matching(`[\w]+`)

type keyXML struct {
	User       string `xml:"UserName"`
	ID         string `xml:"AccessKeyId"`
	Status     string `xml:"Status"`
	Secret     string `xml:"SecretAccessKey,omitempty"`
	CreateDate string `xml:"CreateDate"`
}

type keyAnswer struct {
	Key keyXML `xml:"AccessKey"`
}

type keysAnswer struct {
	Keys members[keyXML] `xml:"AccessKeyMetadata"`
	page
}

func (k accessKey) whole(of *user) keyXML {
	x := keyXML{User: of.Name, ID: k.ID, Status: "Active", CreateDate: stamp(k.CreatedAt)}
	if k.Inactive {
		x.Status = "Inactive"
	}
	return x
}

func createKey(c *call) (any, *refusal) {
	u, no := c.changedUser()
	if no != nil {
		return nil, no
	}
	if len(u.Keys) >= maxKeys {
		return nil, limited("Cannot exceed quota for AccessKeysPerUser: %d", maxKeys)
	}
	k := accessKey{ID: c.Sandbox.token("AKIASANDBOX", 20), Secret: c.secret(), CreatedAt: c.now}
	u.Keys = append(u.Keys, k)
	shown := k.whole(u)
	c.output = fields{"accessKey": fields{"userName": u.Name, "accessKeyId": k.ID, "status": shown.Status, "createDate": shown.CreateDate}}
	shown.Secret = k.Secret
	return keyAnswer{shown}, nil
}

func listKeys(c *call) (any, *refusal) {
	u, no := c.wantedUser()
	if no != nil {
		return nil, no
	}
	keys := u.Keys
	if u.Name == adminName {
		keys = []accessKey{{ID: c.account.Admin.AccessKeyID, CreatedAt: c.state.CreatedAt}}
	}
	here, more := iamPageOf(c, keys)
	out := keysAnswer{page: more}
	for _, k := range here {
		out.Keys.Member = append(out.Keys.Member, k.whole(u))
	}
	return out, nil
}

func (c *call) wantedKey() (*user, int, *refusal) {
	u, no := c.changedUser()
	if no != nil {
		return nil, 0, no
	}
	id := c.form.Get("AccessKeyId")
	at := slices.IndexFunc(u.Keys, func(k accessKey) bool { return k.ID == id })
	if at < 0 {
		return nil, 0, noEntity("The Access Key with id %s cannot be found.", id)
	}
	return u, at, nil
}

func updateKey(c *call) (any, *refusal) {
	u, at, no := c.wantedKey()
	if no != nil {
		return nil, no
	}
	u.Keys[at].Inactive = c.form.Get("Status") == "Inactive"
	return nil, nil
}

func deleteKey(c *call) (any, *refusal) {
	u, at, no := c.wantedKey()
	if no != nil {
		return nil, no
	}
	u.Keys = slices.Delete(u.Keys, at, at+1)
	return nil, nil
}
