package pyflow

import "strings"

// configurations are the classes of configparser.
var configurations = set("configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser")

// configuration handles set and get of a parser of configurations that the program fills
// itself: each option of each section is a value of its own.
func (x *frame) configuration(callee *value, as args) (*value, bool) {
	self := callee.self
	if self == nil || self.obj == nil || !configurations()[self.typ] {
		return nil, false
	}
	section, sok := as.at(0).str()
	option, ook := as.at(1).str()
	key := "[" + section + "." + strings.ToLower(option) + "]"
	switch callee.ref[strings.LastIndexByte(callee.ref, '.')+1:] {
	case "set":
		if !sok || !ook {
			self.obj.elem = join(self.obj.elem, as.at(2))
		} else if len(self.obj.fields) < maxFields {
			x.put(self.obj, key, as.at(2))
		}
		return nil, true
	case "get":
		if !sok || !ook {
			return join(self.obj.items(), carries(self.labels)), true
		}
		return join(join(self.obj.get(key), self.obj.elem), carries(self.labels)), true
	}
	return nil, false
}
