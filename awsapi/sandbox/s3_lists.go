package sandbox

import (
	"encoding/base64"
	"encoding/xml"
	"net/url"
	"strings"
)

type listAnswer struct {
	XMLName     xml.Name    `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name        string      `xml:"Name"`
	Prefix      string      `xml:"Prefix"`
	Delimiter   string      `xml:"Delimiter,omitempty"`
	Marker      *string     `xml:"Marker"`
	NextMarker  string      `xml:"NextMarker,omitempty"`
	KeyCount    *int        `xml:"KeyCount"`
	MaxKeys     int         `xml:"MaxKeys"`
	Encoding    string      `xml:"EncodingType,omitempty"`
	Token       string      `xml:"ContinuationToken,omitempty"`
	NextToken   string      `xml:"NextContinuationToken,omitempty"`
	IsTruncated bool        `xml:"IsTruncated"`
	Contents    []objectXML `xml:"Contents"`
	Prefixes    []prefixXML `xml:"CommonPrefixes"`
}

type objectXML struct {
	Key      string `xml:"Key"`
	Modified string `xml:"LastModified"`
	ETag     string `xml:"ETag"`
	Size     int    `xml:"Size"`
	Class    string `xml:"StorageClass"`
}

type prefixXML struct {
	Prefix string `xml:"Prefix"`
}

// mostKeys is the longest page of a listing.
const mostKeys = 1000

// listObjects is both versions of the call, which differ in how they go on.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func listObjects(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, no
	}
	asked := c.request.URL.Query()
	out := listAnswer{Name: b.Name, Prefix: asked.Get("prefix"), Delimiter: asked.Get("delimiter"), Encoding: asked.Get("encoding-type"),
		MaxKeys: min(number(asked.Get("max-keys"), mostKeys), mostKeys)}
	second := c.op.name == "ListObjectsV2"
	after := asked.Get("marker")
	if second {
		out.Token, after = asked.Get("continuation-token"), asked.Get("start-after")
		if at, err := base64.URLEncoding.DecodeString(out.Token); err == nil && out.Token != "" {
			after = string(at)
		}
	} else {
		out.Marker = &after
	}
	last := out.fill(b, after)
	if out.IsTruncated && second {
		out.NextToken = base64.URLEncoding.EncodeToString([]byte(last))
	} else if out.IsTruncated && out.Delimiter != "" {
		out.NextMarker = last
	}
	if n := len(out.Contents) + len(out.Prefixes); second {
		out.KeyCount = &n
	}
	if out.Encoding == "url" {
		out.escape()
	}
	return out, nil
}

// fill takes keys after a key until the page is full, and returns the last of
// them: a key or a common prefix.
func (l *listAnswer) fill(b *bucket, after string) (last string) {
	for _, o := range b.Objects {
		rest, ok := strings.CutPrefix(o.Key, l.Prefix)
		if !ok || o.Key <= after || after != "" && l.Delimiter != "" && strings.HasSuffix(after, l.Delimiter) && strings.HasPrefix(o.Key, after) {
			continue
		}
		common := ""
		if l.Delimiter != "" {
			if head, _, found := strings.Cut(rest, l.Delimiter); found {
				common = l.Prefix + head + l.Delimiter
			}
		}
		if n := len(l.Prefixes); common != "" && n > 0 && l.Prefixes[n-1].Prefix == common {
			continue
		}
		if len(l.Contents)+len(l.Prefixes) >= l.MaxKeys {
			l.IsTruncated = l.MaxKeys > 0
			return last
		}
		if common != "" {
			l.Prefixes, last = append(l.Prefixes, prefixXML{common}), common
			continue
		}
		l.Contents, last = append(l.Contents, objectXML{o.Key, s3Time(o.Modified), o.ETag, o.Size, "STANDARD"}), o.Key
	}
	return last
}

// escape writes names as the client asked, so that any key survives XML.
func (l *listAnswer) escape() {
	plain := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "%2F", "/") }
	l.Prefix, l.Delimiter, l.NextMarker = plain(l.Prefix), plain(l.Delimiter), plain(l.NextMarker)
	for i := range l.Contents {
		l.Contents[i].Key = plain(l.Contents[i].Key)
	}
	for i := range l.Prefixes {
		l.Prefixes[i].Prefix = plain(l.Prefixes[i].Prefix)
	}
}

type deleteInput struct {
	Quiet   bool        `xml:"Quiet"`
	Objects []objectKey `xml:"Object"`
}

type objectKey struct {
	Key string `xml:"Key"`
}

type deleteAnswer struct {
	XMLName xml.Name      `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []objectKey   `xml:"Deleted"`
	Errors  []deleteError `xml:"Error"`
}

type deleteError struct {
	Key, Code, Message string
}

// deleteObjects asks for the permission of each key by itself.
func deleteObjects(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, no
	}
	if no := c.checkSums(); no != nil {
		return nil, no
	}
	var in deleteInput
	if xml.Unmarshal(c.body, &in) != nil || len(in.Objects) == 0 || len(in.Objects) > mostKeys {
		return nil, c.complain(malformed)
	}
	var out deleteAnswer
	for _, o := range in.Objects {
		if no := c.allow("s3:DeleteObject", bucketARN(c)+"/"+o.Key, nil); no != nil {
			out.Errors = append(out.Errors, deleteError{o.Key, no.Code, no.Message})
			continue
		}
		c.remove(b, o.Key)
		if !in.Quiet {
			out.Deleted = append(out.Deleted, o)
		}
	}
	return out, nil
}
