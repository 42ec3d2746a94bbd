#pragma once

#include "dot.hpp" // violation
#include <boost/hana/tuple.hpp>
#include <boost/json.hpp> // violation
