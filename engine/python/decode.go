package python

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// cookie is the declaration of an encoding (PEP 263).
var cookie = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)
})

// codecs has the encodings that Python files are written in, by the name in small
// letters with dashes for underscores. nil is UTF-8.
var codecs = sync.OnceValue(func() map[string]encoding.Encoding {
	m := map[string]encoding.Encoding{
		"utf-8": nil, "utf8": nil, "utf-8-sig": nil, "u8": nil, "utf-8-unix": nil, "utf": nil, "utf-": nil, "utf-8-emacs": nil,
		"ascii": nil, "us-ascii": nil, "646": nil,
		"latin-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "l1": charmap.ISO8859_1,
		"iso8859": charmap.ISO8859_1, "8859": charmap.ISO8859_1, "cp819": charmap.ISO8859_1,
		"latin-2": charmap.ISO8859_2, "latin2": charmap.ISO8859_2,
		"latin-9": charmap.ISO8859_15, "latin9": charmap.ISO8859_15,
		"koi8-r": charmap.KOI8R, "koi8-u": charmap.KOI8U, "mac-roman": charmap.Macintosh, "macroman": charmap.Macintosh,
		"mac-cyrillic": charmap.MacintoshCyrillic,
		"euc-jp":       japanese.EUCJP, "eucjp": japanese.EUCJP, "ujis": japanese.EUCJP,
		"shift-jis": japanese.ShiftJIS, "sjis": japanese.ShiftJIS, "shiftjis": japanese.ShiftJIS, "cp932": japanese.ShiftJIS,
		"iso-2022-jp": japanese.ISO2022JP,
		"gbk":         simplifiedchinese.GBK, "cp936": simplifiedchinese.GBK, "936": simplifiedchinese.GBK,
		"gb2312": simplifiedchinese.GBK, "euc-cn": simplifiedchinese.GBK, "gb18030": simplifiedchinese.GB18030,
		"big5": traditionalchinese.Big5, "cp950": traditionalchinese.Big5,
		"euc-kr": korean.EUCKR, "euckr": korean.EUCKR, "cp949": korean.EUCKR, "ks-c-5601": korean.EUCKR,
	}
	for name, e := range map[string]*charmap.Charmap{
		"1": charmap.ISO8859_1, "2": charmap.ISO8859_2, "3": charmap.ISO8859_3, "4": charmap.ISO8859_4,
		"5": charmap.ISO8859_5, "6": charmap.ISO8859_6, "7": charmap.ISO8859_7, "8": charmap.ISO8859_8,
		"9": charmap.ISO8859_9, "10": charmap.ISO8859_10, "13": charmap.ISO8859_13, "14": charmap.ISO8859_14,
		"15": charmap.ISO8859_15, "16": charmap.ISO8859_16,
	} {
		m["iso-8859-"+name], m["iso8859-"+name] = e, e
	}
	for name, e := range map[string]*charmap.Charmap{
		"1250": charmap.Windows1250, "1251": charmap.Windows1251, "1252": charmap.Windows1252, "1253": charmap.Windows1253,
		"1254": charmap.Windows1254, "1255": charmap.Windows1255, "1256": charmap.Windows1256, "1257": charmap.Windows1257,
		"1258": charmap.Windows1258,
		"437":  charmap.CodePage437, "850": charmap.CodePage850, "852": charmap.CodePage852, "855": charmap.CodePage855,
		"858": charmap.CodePage858, "860": charmap.CodePage860, "862": charmap.CodePage862, "863": charmap.CodePage863,
		"865": charmap.CodePage865, "866": charmap.CodePage866, "874": charmap.Windows874,
	} {
		m["cp"+name], m["windows-"+name], m["ibm"+name] = e, e, e
	}
	return m
})

// decode returns the text of a file as UTF-8. With an error, the text is what could
// be made of it: the bytes as they are, or nothing.
func decode(src []byte) (string, *SyntaxError) {
	if len(src) > MaxSize {
		return "", &SyntaxError{Message: "file is too large to be parsed"}
	}
	if bytes.HasPrefix(src, []byte{0xff, 0xfe}) || bytes.HasPrefix(src, []byte{0xfe, 0xff}) {
		return "", &SyntaxError{Message: "the file is UTF-16, which Python does not read"}
	}
	body, bom := bytes.CutPrefix(src, []byte("\xef\xbb\xbf"))
	name := declared(body)
	var enc encoding.Encoding
	if name != "" {
		var ok bool
		if enc, ok = codecs()[normalizeCodec(name)]; !ok {
			return string(body), &SyntaxError{Message: "unknown encoding: " + name}
		}
		if bom && normalizeCodec(name) != "utf-8" {
			return string(body), &SyntaxError{Message: "encoding problem: " + name + " with BOM"}
		}
	}
	if enc == nil {
		if !utf8.Valid(body) {
			return string(body), &SyntaxError{Offset: invalidUTF8(body), Message: "the file is not UTF-8"}
		}
		return string(body), nil
	}
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return string(body), &SyntaxError{Message: "the file is not " + name}
	}
	return string(text), nil
}

// declared returns the encoding that one of the first two lines declares; the second
// counts only after a comment or an empty line.
func declared(src []byte) string {
	for range 2 {
		end := bytes.IndexAny(src[:min(len(src), 4096)], "\r\n")
		line := src[:min(len(src), 4096)]
		if end >= 0 {
			line = src[:end]
		}
		if bytes.Contains(line, []byte("coding")) {
			if m := cookie().FindSubmatch(line); m != nil {
				return string(m[1])
			}
		}
		if t := bytes.TrimLeft(line, " \t\f"); end < 0 || len(t) > 0 && t[0] != '#' {
			return ""
		}
		if src[end] == '\r' && end+1 < len(src) && src[end+1] == '\n' {
			end++
		}
		src = src[end+1:]
	}
	return ""
}

func normalizeCodec(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for _, p := range [...]string{"utf-8-", "latin-1-", "iso-8859-1-", "iso-latin-1-"} {
		if strings.HasPrefix(name, p) {
			return strings.TrimSuffix(strings.TrimPrefix(p, "iso-"), "-")
		}
	}
	return name
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return len(b)
}
