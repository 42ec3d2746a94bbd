#pragma once // violation

#include <cstdint>
