#pragma once

#include <cereal/external/rapidjson/reader.h>
#include <rapidjson/reader.h>

#include <cereal/archives/json.hpp> // violation
