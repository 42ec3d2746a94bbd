# cmake -Dbuild=FOLDER -Dtarget=NAME -Dsnippet=FILE -P check.cmake
cmake_minimum_required(VERSION 3.25)

file(STRINGS "${snippet}" first_line LIMIT_COUNT 1)
if(NOT first_line MATCHES "^// expect: (.+)$")
  message(FATAL_ERROR "${snippet}:1: the first line is not `// expect: REGEX`")
endif()
set(expected "${CMAKE_MATCH_1}")

execute_process(
  COMMAND "${CMAKE_COMMAND}" --build "${build}" --target "${target}"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
# A compiler quotes the line that it refuses, and that line is no message.
string(REGEX REPLACE "\n +[0-9]* +[|][^\n]*" "" messages "${output}")
if(status EQUAL 0)
  message(FATAL_ERROR "${snippet}: the compiler accepted it")
elseif(NOT messages MATCHES "${expected}")
  message(FATAL_ERROR
    "${snippet}: the compiler's message does not match `${expected}`\n${output}")
endif()
